/** Functions by name: offset in the image, and length, in bytes. */
export type Symbols = ReadonlyMap<string, { readonly at: number; readonly size: number }>;

/* Places in an ELF64 file: https://man7.org/linux/man-pages/man5/elf.5.html */
const PT_DYNAMIC = 2;
const DT_STRTAB = 5;
const DT_SYMTAB = 6;
const HEADER = { programHeaders: 32, programHeaderSize: 54, programHeaderCount: 56 };
const SYMBOL_BYTES = 24;

/**
 * The functions in an image of the vDSO, a small shared library (vdso(7)). Its addresses begin at 0, and its table of strings
 * follows its table of symbols.
 *
 * @throws Error if it is no such image
 */
export function symbolsOf(image: Buffer): Symbols {
  const dynamic = dynamicSection(image);
  const [strings, symbols] = [dynamic.get(DT_STRTAB), dynamic.get(DT_SYMTAB)];
  if (strings === undefined || symbols === undefined || symbols > strings)
    throw new Error("the vDSO has no symbols");
  const found = new Map<string, { at: number; size: number }>();
  for (let place = symbols; place + SYMBOL_BYTES <= strings; place += SYMBOL_BYTES) {
    const name = strings + image.readUInt32LE(place);
    const at = wordAt(image, place + 8);
    const size = wordAt(image, place + 16);
    if (at > 0 && size > 0) found.set(image.toString("latin1", name, image.indexOf(0, name)), { at, size });
  }
  return found;
}

function dynamicSection(image: Buffer): Map<number, number> {
  if (!image.subarray(0, 4).equals(Buffer.from("\x7fELF", "latin1")))
    throw new Error("the vDSO is no ELF image");
  const first = wordAt(image, HEADER.programHeaders);
  const bytes = image.readUInt16LE(HEADER.programHeaderSize);
  const entries = new Map<number, number>();
  for (let index = 0; index < image.readUInt16LE(HEADER.programHeaderCount); index += 1) {
    const header = first + index * bytes;
    if (image.readUInt32LE(header) !== PT_DYNAMIC) continue;
    const from = wordAt(image, header + 8);
    const to = from + wordAt(image, header + 32);
    for (let place = from; place < to && wordAt(image, place) !== 0; place += 16)
      entries.set(wordAt(image, place), wordAt(image, place + 8));
  }
  return entries;
}

function wordAt(image: Buffer, place: number): number {
  return Number(image.readBigUInt64LE(place));
}

const TIME = /^(\d+:[XCSM] )(\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2})\.(\d{3})/;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A log as a node would have written it whose clock is off by so much. */
export function shiftedLog(text: string, shiftMs: number): string {
  if (shiftMs === 0) return text;
  return text
    .split("\n")
    .map((line) =>
      line.replace(TIME, (_, begin: string, day, month, year, hour, minute, second, millis) => {
        const at = Date.UTC(+year, MONTHS.indexOf(month), +day, +hour, +minute, +second, +millis) + shiftMs;
        const time = new Date(at);
        const two = (value: number, digits = 2) => String(value).padStart(digits, "0");
        const date = `${two(time.getUTCDate())} ${MONTHS[time.getUTCMonth()]} ${time.getUTCFullYear()}`;
        const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map((part) =>
          two(part),
        );
        return `${begin}${date} ${clock.join(":")}.${two(time.getUTCMilliseconds(), 3)}`;
      }),
    )
    .join("\n");
}

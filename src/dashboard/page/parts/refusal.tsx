/** Why something that was ordered was not done. */
export function RefusalText({ text }: { readonly text: string | undefined }) {
  return (
    <p class="refusal" role="alert">
      {text}
    </p>
  );
}

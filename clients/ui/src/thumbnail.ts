/** The small one of a picture that was uploaded here; any other picture as it is. */
export function thumbnail(src: string | undefined): string | undefined {
  return src?.replace(/^(\/pictures\/[0-9a-f]{32})\.webp$/, "$1-small.webp");
}

/** What is wrong with a source that is to become an image; the message is for the person who gave it. */
export class ImportError extends Error {
  override readonly name = "ImportError";
}

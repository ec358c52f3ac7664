/** Content-Type of a PUT of an image whose chunks were sent before: the body is its manifest (image/format.ts). */
export const MANIFEST_TYPE = "application/vnd.binlet.manifest+json";

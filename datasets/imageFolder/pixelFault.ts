/** Why the pixels of a file are not read, in a few words; becomes a part of a `UserError`. */
export class PixelFault extends Error {
  override name = "PixelFault";
}

/** The build without subtitles and DRM, which we do not use; half a megabyte less source. */
declare module "hls.js/light" {
  export * from "hls.js";
  export { default } from "hls.js";
}

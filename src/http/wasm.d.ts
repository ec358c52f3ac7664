/** wrangler's rule for these files: a compiled module. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

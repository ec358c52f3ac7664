/** The Worker's entry. */
export { app as default } from "./http/app.ts";

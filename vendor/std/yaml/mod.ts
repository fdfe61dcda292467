// @ts-types="./mod.d.ts"
export * from "deno-std/yaml/mod.js";

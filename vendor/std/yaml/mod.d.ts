// The part of @std/yaml that this package uses.
export interface ParseOptions {
  schema?: "failsafe" | "json" | "core" | "default" | "extended";
}
export function parse(content: string, options?: ParseOptions): unknown;
export function stringify(data: unknown): string;

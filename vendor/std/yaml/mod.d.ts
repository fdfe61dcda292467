// The part of @std/yaml that this package uses.
export interface ParseOptions {
  schema?: "failsafe" | "json" | "core" | "default" | "extended";
  allowDuplicateKeys?: boolean;
  onWarning?(error: Error): void;
}
export function parse(content: string, options?: ParseOptions): unknown;

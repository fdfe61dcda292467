// The part of @std/cli/parse-args that this package uses: what parseArgs takes,
// and the type that it infers from it.
type Flags<Boolean extends string> = { [Name in Boolean]: boolean };
type Texts<
  Text extends string,
  Collected extends string,
  Defaults extends Record<string, unknown>,
> = {
  [Name in Exclude<Text, "_">]: Name extends Collected ? string[]
    : Name extends keyof Defaults ? string
    : string | undefined;
};
type Passed<DoubleDash extends boolean | undefined> = DoubleDash extends true
  ? { "--": string[] }
  : unknown;

export type Args<
  Boolean extends string,
  Text extends string,
  Collected extends string,
  Defaults extends Record<string, unknown>,
  DoubleDash extends boolean | undefined,
> =
  & Flags<Boolean>
  & Texts<Text, Collected, Defaults>
  & Passed<DoubleDash>
  & { _: Array<string | number> };

export interface ParseOptions<
  Boolean extends string,
  Text extends string,
  Collected extends string,
  Defaults extends Record<string, unknown>,
  DoubleDash extends boolean | undefined,
> {
  boolean?: readonly Boolean[];
  string?: readonly Text[];
  collect?: readonly Collected[];
  default?: Defaults;
  stopEarly?: boolean;
  "--"?: DoubleDash;
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

export function parseArgs<
  const Boolean extends string = never,
  const Text extends string = never,
  const Collected extends string = never,
  // deno-lint-ignore ban-types
  Defaults extends Record<string, unknown> = {},
  DoubleDash extends boolean | undefined = undefined,
>(
  args: readonly string[],
  options?: ParseOptions<Boolean, Text, Collected, Defaults, DoubleDash>,
): Args<Boolean, Text, Collected, Defaults, DoubleDash>;

// The part of @std/cli/parse-args that this package uses: what parseArgs takes,
// and the type that it infers from it. Type parameters stand in std's order.
// The fields of a dotted name ("a.b") are left unknown, as nothing here has one.
type Name = string | undefined;
type BooleanType = boolean | Name;
type Fields = Record<string, unknown>;
type Aliases<Of extends string = string, To extends string = string> = {
  [Key in Of]?: To | readonly To[];
};

type Undotted<Names> = Exclude<Extract<Names, string>, `${string}.${string}`>;
type OrFalse<Key, Negatable> = Key extends Negatable ? false : never;

type Parsed<Booleans, Strings, Collected, Negatable> =
  & {
    [Key in Undotted<Exclude<Booleans, Collected>>]: boolean;
  }
  & {
    [Key in Undotted<Extract<Booleans, Collected>>]: boolean[];
  }
  & {
    [Key in Undotted<Exclude<Strings, Collected>>]?:
      | string
      | OrFalse<Key, Negatable>;
  }
  & {
    [Key in Undotted<Extract<Strings, Collected>>]:
      | string[]
      | OrFalse<Key, Negatable>;
  }
  & {
    [Key in Undotted<Exclude<Collected, Booleans | Strings>>]:
      | unknown[]
      | OrFalse<Key, Negatable>;
  };

/** A default makes its option certain to be there. */
type AddDefaults<Values, Defaults> = Defaults extends Fields ?
    & Omit<Values, keyof Defaults>
    & {
      [Key in keyof Defaults]: Key extends keyof Values
        ? Defaults[Key] | NonNullable<Values[Key]>
        : unknown;
    }
  : Values;

type Listed<Alias> = Alias extends unknown[] ? Alias[number] : Alias;
type AliasesOf<Key, Alias> = Key extends keyof Alias
  ? string extends Listed<Alias[Key]> ? never
  : Extract<Listed<Alias[Key]>, string>
  : never;
type AddAliases<Values, Alias> = {
  [Key in keyof Values as Key | AliasesOf<Key, Alias>]: Values[Key];
};

type Values<
  Booleans extends BooleanType,
  Strings extends Name,
  Collected extends Name,
  Negatable extends Name,
  Defaults extends Fields | undefined,
  Alias extends Aliases | undefined,
> = undefined extends
  & (false extends Booleans ? undefined : Booleans)
  & Strings
  & Collected
  // std infers nothing where no option is named.
  // deno-lint-ignore no-explicit-any
  ? Record<string, any>
  :
    & Fields
    & AddAliases<
      AddDefaults<Parsed<Booleans, Strings, Collected, Negatable>, Defaults>,
      Alias
    >;

type Rest<DoubleDash> = boolean extends DoubleDash ? { "--"?: string[] }
  : true extends DoubleDash ? { "--": string[] }
  : Record<never, never>;
type Merged<Parts> = { [Key in keyof Parts]: Parts[Key] };

export type Args<
  // deno-lint-ignore no-explicit-any
  TArgs extends Fields = Record<string, any>,
  DoubleDash extends boolean | undefined = undefined,
> = Merged<TArgs & { _: Array<string | number> } & Rest<DoubleDash>>;

export interface ParseOptions<
  Booleans extends BooleanType = BooleanType,
  Strings extends Name = Name,
  Collected extends Name = Name,
  Negatable extends Name = Name,
  Defaults extends Fields | undefined = Fields | undefined,
  Alias extends Aliases | undefined = Aliases | undefined,
  DoubleDash extends boolean | undefined = boolean | undefined,
> {
  "--"?: DoubleDash;
  alias?: Alias;
  boolean?: Booleans | ReadonlyArray<Extract<Booleans, string>>;
  default?: Defaults;
  stopEarly?: boolean;
  string?: Strings | ReadonlyArray<Extract<Strings, string>>;
  collect?: Collected | ReadonlyArray<Extract<Collected, string>>;
  negatable?: Negatable | ReadonlyArray<Extract<Negatable, string>>;
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

export function parseArgs<
  TArgs extends Values<
    Booleans,
    Strings,
    Collected,
    Negatable,
    Defaults,
    Alias
  >,
  DoubleDash extends boolean | undefined = undefined,
  Booleans extends BooleanType = undefined,
  Strings extends Name = undefined,
  Collected extends Name = undefined,
  Negatable extends Name = undefined,
  Defaults extends Fields | undefined = undefined,
  Alias extends Aliases<AliasOf, AliasTo> | undefined = undefined,
  AliasOf extends string = string,
  AliasTo extends string = string,
>(
  args: readonly string[],
  options?: ParseOptions<
    Booleans,
    Strings,
    Collected,
    Negatable,
    Defaults,
    Alias,
    DoubleDash
  >,
): Args<TArgs, DoubleDash>;

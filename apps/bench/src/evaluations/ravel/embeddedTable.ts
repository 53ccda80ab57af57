import {
  type Attribute,
  attributes,
  type CityFacts,
  cityFacts,
  cityTemplates,
  embeddedCorpus,
  fillTemplate,
  installedCityTables,
} from "@sae/corpora";
import { placeholder, type RavelTable, type Split, type Template } from "@sae/editing";

/** "country" → "Country", as RAVEL writes it. */
const capital = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/**
 * The cities that the embedded model was told of, and the sentences: those of its corpus to train on, and those that it never saw for the test. Cities have no
 * sides; which of them masks are trained on is left to a key.
 */
export function embeddedTable(): RavelTable {
  const facts = cityFacts(installedCityTables(), embeddedCorpus.cities);
  return {
    entityType: "city",
    entities: facts.map((fact) => ({
      name: fact.city,
      attributes: Object.fromEntries(attributes.map((attribute) => [capital(attribute), fact[attribute]])),
    })),
    templates: Object.fromEntries(
      attributes.map((attribute) => [
        capital(attribute),
        (["train", "test"] as const).flatMap((split) =>
          cityTemplates[attribute][split].map((template, i) => questionOf(template, attribute, split, facts[i])),
        ),
      ]),
    ),
  };
}

/** A sentence up to its value; an example in it is about another city, the same for all entities. */
function questionOf(template: string, attribute: Attribute, split: Split, other: CityFacts): Template {
  const question = fillTemplate(template.slice(0, template.indexOf("{value}")), {
    city: placeholder,
    other: other.city,
    otherValue: other[attribute],
  });
  // A space goes with the word behind it, as in the tokens of most vocabularies.
  return { template: question.trimEnd(), split };
}

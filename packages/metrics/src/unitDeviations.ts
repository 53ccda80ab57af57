import { SaeError } from "@sae/core";
import type { Pairing } from "./seedScores.js";
import { mean, type UnitBlock, unitBlocks } from "./unitBlocks.js";
import type { UnitScores } from "./unitScores.js";

/** Units of several sides, ready to be drawn. */
export interface UnitDeviations {
  /** Score of each side with each seed, over the units that count [sides][seeds]. */
  readonly scores: readonly Float64Array[];
  /** Number of units of each side, over all seeds where they are not paired [sides]. */
  readonly units: readonly number[];
  readonly blocks: readonly UnitBlock[];
}

/** Ids and values of the units of each group. */
type Groups = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * What each unit adds to the score of its side, which is the mean over seeds of the mean over groups of the mean over units.
 *
 * Paired units are those that every side has with every seed: they are the same tasks for all of them, and a resample takes a unit or leaves it on all
 * sides and seeds at once. Unpaired ones are drawn for each side and seed by itself.
 *
 * @param scores [sides][seeds]
 * @throws SaeError `shape_mismatch` when paired sides share no unit, or have two of one id
 */
export function unitDeviations(scores: readonly (readonly UnitScores[])[], pairing: Pairing): UnitDeviations {
  const all = scores.map((side) => side.map(groupsOf));
  return pairing === "units" ? paired(all) : unpaired(all);
}

function groupsOf({ units }: UnitScores): Groups {
  const groups = new Map<string, Map<string, number>>();
  for (const { id, group = "", value } of units) {
    const found = groups.get(group) ?? new Map<string, number>();
    groups.set(group, found);
    if (found.has(id)) {
      throw new SaeError("shape_mismatch", `bootstrap: needed a name of its own for each unit, got '${id}' twice`);
    }
    found.set(id, value);
  }
  return groups;
}

function paired(all: readonly (readonly Groups[])[]): UnitDeviations {
  const everyone = all.flat();
  const shared = [...everyone[0]].flatMap(([group, units]) => {
    const ids = [...units.keys()].filter((id) => everyone.every((groups) => groups.get(group)?.has(id)));
    return ids.length === 0 ? [] : [{ group, ids }];
  });
  if (shared.length === 0) {
    throw new SaeError("shape_mismatch", "bootstrap: needed units that all sides share, got other ids on each");
  }
  const values = ({ group, ids }: (typeof shared)[number], groups: Groups) =>
    Float64Array.from(ids, (id) => groups.get(group)?.get(id) as number);
  const weight = 1 / shared.length;
  return {
    scores: all.map((seeds) =>
      Float64Array.from(seeds, (groups) =>
        shared.reduce((total, group) => total + weight * mean(values(group, groups)), 0),
      ),
    ),
    units: all.map(() => shared.reduce((total, { ids }) => total + ids.length, 0)),
    blocks: unitBlocks(
      all.map((seeds, side) => ({
        side,
        groups: shared.map((group) => {
          const ofSeeds = seeds.map((groups) => values(group, groups));
          return group.ids.map((_, unit) => mean(ofSeeds.map((list) => list[unit])));
        }),
      })),
      weight,
    ),
  };
}

function unpaired(all: readonly (readonly Groups[])[]): UnitDeviations {
  const valuesOf = (groups: Groups) => [...groups.values()].map((units) => [...units.values()]);
  return {
    scores: all.map((seeds) => Float64Array.from(seeds, (groups) => mean(valuesOf(groups).map(mean)))),
    units: all.map((seeds) => seeds.flatMap(valuesOf).reduce((total, { length }) => total + length, 0)),
    blocks: all.flatMap((seeds, side) =>
      seeds.flatMap((groups) => unitBlocks([{ side, groups: valuesOf(groups) }], 1 / (groups.size * seeds.length))),
    ),
  };
}

import { expect, test } from "vitest";
import { commandLine } from "./commandLine.js";
import { machineOptions } from "./machineOptions.js";
import { count, flag, word } from "./option.js";

const options = {
  data: word({ describe: "a file", hint: "FILE" }),
  dSae: count({ describe: "latents" }),
  strict: flag({ describe: "a flag" }),
  ...machineOptions,
};
const line = (given: Readonly<Record<string, string>>) => commandLine("train", options, new Map(Object.entries(given)));

test("options stand in the order of the help, without those of the machine", () => {
  expect(line({ workers: "2", "d-sae": "64", strict: "", data: "acts.npy", out: "there", json: "" })).toBe(
    "sae-bench train --data acts.npy --d-sae 64 --strict",
  );
  expect(line({})).toBe("sae-bench train");
});

test("files of this machine have no folders, and words are quoted for a shell", () => {
  expect(line({ data: "/somewhere/else/acts.npy,b.npy" })).toBe("sae-bench train --data acts.npy,b.npy");
  expect(line({ data: "it's here.npy" })).toBe("sae-bench train --data 'it'\\''s here.npy'");
});

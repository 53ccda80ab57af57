import { expect, it } from "vitest";
import { disposeAll } from "./disposeAll.js";

it("disposes of all, the last first, and throws the first error at the end", async () => {
  const order: string[] = [];
  const one = (name: string, fails = false) => ({
    dispose: async () => {
      order.push(name);
      if (fails) throw new Error(`${name} is stuck`);
    },
  });
  await expect(disposeAll([one("log"), one("runner", true), one("update", true)])).rejects.toThrow("update is stuck");
  expect(order).toEqual(["update", "runner", "log"]);
  await disposeAll([]);
});

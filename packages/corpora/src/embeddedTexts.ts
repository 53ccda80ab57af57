import { createHash } from "node:crypto";
import { fold, key, keyedPermutation } from "@sae/core";
import type { TextDocument, TextSource } from "@sae/models";
import { corpusSources } from "./corpusSources.js";
import { type CorpusRecipe, embeddedCorpus } from "./embeddedCorpus.js";
import { passages } from "./passages.js";
import { type SplitTexts, splitTexts } from "./splitTexts.js";

/**
 * Hash of the texts of the embedded model's corpus, stated here so that naming them takes no reading: they follow from this code and the
 * versions of the packages, which are checked whenever a package is read. A test compares it with the texts.
 */
const sha256OfEmbedded = "3f4c4a82e290b7e371accf56f5cdc69dd9f0f1642ad5757ff06e9071ef166a1a";

/** Characters of a document at most: some thousand tokens already hold every source in about its share. */
const longest = 2000;

/**
 * Texts of a corpus in the order in which a model of this corpus knows them least: default texts for activations of the embedded model.
 *
 * The sources are interleaved by characters in the shares of the mixture, so that the first N tokens are a fair sample whatever N is; a source that is
 * used up is left out from there on. Within a source first comes what was held out, passages in a keyed order; then the training documents, the
 * one that training reads last before the others. Each document says in its fields which `source` it is of and whether it was `heldOut`.
 *
 * They are read when their documents are first asked for; another corpus than the embedded model's also for its identity.
 * Memory: the whole corpus, some hundred megabytes for that of the embedded model.
 *
 * @throws SaeError `package_missing`, when they are read
 */
export function embeddedTexts(corpus: CorpusRecipe = embeddedCorpus): TextSource {
  let read: readonly TextDocument[] | undefined;
  const documents = () => {
    read ??= documentsOf(corpus);
    return read;
  };
  const sha256 = corpus === embeddedCorpus ? sha256OfEmbedded : sha256Of(documents());
  return {
    identity: { kind: "corpus", sha256 },
    async *documents() {
      yield* documents();
    },
  };
}

/** Hash of the texts in their order. */
export function sha256Of(documents: Iterable<TextDocument>): string {
  const hash = createHash("sha256");
  for (const { text } of documents) hash.update(text).update("\0");
  return hash.digest("hex");
}

function documentsOf(corpus: CorpusRecipe): TextDocument[] {
  const splits = corpusSources(corpus).sources.map((source) => splitTexts(source.name, source.documents(), corpus));
  return interleave(
    splits.map((split) => ({ share: corpus.mixture[split.name] as number, documents: leastKnownFirst(split, corpus) })),
  );
}

function leastKnownFirst({ name, train, heldOut }: SplitTexts, { seed }: CorpusRecipe): TextDocument[] {
  const cut = (documents: readonly TextDocument[], isHeldOut: boolean): TextDocument[] =>
    documents.flatMap(({ id, text, fields }) => {
      const parts = passages(text, longest);
      return parts.map((part, i) => ({
        id: parts.length === 1 ? `${name}/${id}` : `${name}/${id}/${i}`,
        text: part,
        fields: { ...fields, source: name, heldOut: isHeldOut },
      }));
    });
  // There are few long documents among those held out: their passages would come one after another.
  const aside = cut(heldOut, true);
  const place = keyedPermutation(fold(key(seed), "held-out passages", name), aside.length);
  return [...aside.map((_, i) => aside[place(i)] as TextDocument), ...cut(train.toReversed(), false)];
}

/** Documents of several queues: always next of the one that has given least of its share. */
export function interleave(
  queues: readonly { readonly share: number; readonly documents: readonly TextDocument[] }[],
): TextDocument[] {
  const state = queues.map(({ share, documents }) => ({ share, documents, at: 0, given: 0 }));
  const total = queues.reduce((sum, { documents }) => sum + documents.length, 0);
  return Array.from({ length: total }, () => {
    const left = state.filter(({ at, documents }) => at < documents.length);
    const next = left.reduce((a, b) => (b.given < a.given ? b : a));
    const document = next.documents[next.at++] as TextDocument;
    next.given += document.text.length / next.share;
    return document;
  });
}

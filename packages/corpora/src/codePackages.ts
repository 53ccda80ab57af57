import type { Origin } from "./corpusSource.js";

/** Source files of one package that belong to the corpus. */
export interface CodePackage extends Origin {
  /** Folders and files inside the package that count. */
  readonly under: readonly string[];
  /** Ending → programming language. */
  readonly languages: Readonly<Record<string, string>>;
}

/** Packages whose terms let their source code be used by all. Nothing of them is built or run. */
export const codePackages: readonly CodePackage[] = [
  {
    package: "node-gyp 12.4.0",
    licence: "MIT; gyp BSD-3-Clause",
    note: "Nathan Rajlich and contributors; Google Inc.",
    under: ["gyp", "lib"],
    languages: { py: "Python", js: "JavaScript" },
  },
  {
    package: "leveldown 6.1.1",
    licence: "MIT; leveldb and snappy BSD-3-Clause",
    note: "the LevelDOWN contributors; the LevelDB authors; Google Inc.",
    under: ["deps/leveldb", "deps/snappy"],
    languages: { cc: "C++", h: "C++" },
  },
  {
    package: "node-addon-api 8.9.2",
    licence: "MIT",
    note: "the Node.js API collaborators",
    under: ["napi.h", "napi-inl.h"],
    languages: { h: "C++" },
  },
  {
    package: "node-expat 2.4.1",
    licence: "MIT; expat MIT",
    note: "Stephan Maka; Thai Open Source Software Center Ltd and Clark Cooper; the Expat maintainers",
    under: ["deps/libexpat"],
    languages: { c: "C", h: "C", html: "HTML" },
  },
  {
    package: "hiredis 0.5.0",
    licence: "BSD-3-Clause",
    note: "Salvatore Sanfilippo, Pieter Noordhuis",
    under: ["deps/hiredis"],
    languages: { c: "C", h: "C" },
  },
  {
    package: "cordova-android 15.1.0",
    licence: "Apache-2.0",
    note: "the Apache Software Foundation",
    under: ["framework/src", "templates"],
    languages: { java: "Java" },
  },
  {
    package: "cordova-ios 8.1.1",
    licence: "Apache-2.0",
    note: "the Apache Software Foundation",
    under: ["CordovaLib"],
    languages: { m: "Objective-C", h: "Objective-C", swift: "Swift" },
  },
  {
    package: "rxjs 7.8.2",
    licence: "Apache-2.0",
    note: "Google, Inc., Netflix, Inc., Microsoft Corp. and contributors",
    under: ["src/internal"],
    languages: { ts: "TypeScript" },
  },
  {
    package: "codemirror 5.65.21",
    licence: "MIT",
    note: "Marijn Haverbeke and others",
    under: ["addon", "mode", "keymap", "lib", "theme"],
    languages: { js: "JavaScript", css: "CSS" },
  },
  {
    package: "bootstrap 5.3.9",
    licence: "MIT",
    note: "the Bootstrap authors",
    under: ["scss", "js/src"],
    languages: { scss: "SCSS", js: "JavaScript" },
  },
  {
    package: "reveal.js 6.0.2",
    licence: "MIT",
    note: "Hakim El Hattab and contributors",
    under: ["."],
    languages: { html: "HTML", scss: "SCSS" },
  },
  {
    package: "startbootstrap-sb-admin 7.0.7",
    licence: "MIT",
    note: "Start Bootstrap LLC",
    under: ["dist"],
    languages: { html: "HTML" },
  },
  {
    package: "startbootstrap-agency 7.0.12",
    licence: "MIT",
    note: "Start Bootstrap LLC",
    under: ["dist/index.html"],
    languages: { html: "HTML" },
  },
  {
    package: "startbootstrap-clean-blog 6.0.9",
    licence: "MIT",
    note: "Start Bootstrap LLC",
    under: ["dist"],
    languages: { html: "HTML" },
  },
  {
    package: "bats 1.13.0",
    licence: "MIT",
    note: "the bats-core contributors, Sam Stephenson",
    under: ["libexec", "lib", "install.sh", "bin"],
    languages: { sh: "Shell", bash: "Shell", "": "Shell" },
  },
];

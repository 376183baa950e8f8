// The page's verifier without a page: each line of input is a bundle's path, each line of output what it finds.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { runInThisContext } from "node:vm";

globalThis.document = { getElementById: () => ({ textContent: "{}" }) };
runInThisContext(`${readFileSync(process.argv[2], "utf8")}\nglobalThis.checkBundle = checkBundle;`);
for await (const line of createInterface({ input: process.stdin })) {
  const found = await checkBundle(new Uint8Array(readFileSync(line)), line.split("/").pop(), "");
  console.log(JSON.stringify({ sound: found.sound, flaws: found.flaws.map((each) => [each.file, each.line]) }));
}

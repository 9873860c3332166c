// Checks the lines between the parts of ./src: the rules of .dependency-cruiser.js, and that neither features nor the
// folders of common/ form a circle.
import { cruise, format } from 'dependency-cruiser';
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import { fileURLToPath } from 'node:url';

const config = fileURLToPath(new URL('../.dependency-cruiser.js', import.meta.url));
const { output: result } = await cruise(['src', 'tools'], await extractOptions(config));
const report = await format(result, { outputType: 'err-long' });
process.stdout.write(`${report.output}\n`);

const rules = {
  'features-form-no-circle': featureOf,
  'folders-form-no-circle': folderOf,
};
const circles = Object.entries(rules).flatMap(([rule, partOf]) =>
  linksInCircles(result.modules, partOf).map((link) => ({ rule, ...link })),
);
for (const { rule, from, to } of circles) process.stdout.write(`error ${rule}: ${from} → ${to}\n`);
if (circles.length > 0) process.stdout.write('Move what both parts need to a third, or to a part below both.\n');

process.exitCode = report.exitCode > 0 || circles.length > 0 ? 1 : 0;

/** The imports from part to part that are left when parts that use none, or that none uses, are taken away. */
function linksInCircles(modules, partOf) {
  let links = modules.flatMap(({ source, dependencies }) =>
    dependencies
      .map(({ resolved }) => ({ from: source, to: resolved }))
      .filter(({ from, to }) => partOf(from) !== undefined && partOf(to) !== undefined && partOf(from) !== partOf(to)),
  );
  for (let before = Infinity; links.length < before;) {
    before = links.length;
    const using = new Set(links.map(({ from }) => partOf(from)));
    const used = new Set(links.map(({ to }) => partOf(to)));
    links = links.filter(({ from, to }) => used.has(partOf(from)) && using.has(partOf(to)));
  }
  return links;
}

function featureOf(file) {
  return /^src\/(?!commands\/|common\/|migrations\/)([^/]+)\//.exec(file)?.[1];
}

/** A folder of common/; a spec may use what it likes. */
function folderOf(file) {
  return /^(src\/common\/.+)\/[^/]+(?<!\.spec)\.ts$/.exec(file)?.[1];
}

// Checks the lines between the parts of ./src: the rules of .dependency-cruiser.js, and that features form no circle.
import { cruise, format } from 'dependency-cruiser';
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import { fileURLToPath } from 'node:url';

const config = fileURLToPath(new URL('../.dependency-cruiser.js', import.meta.url));
const { output: result } = await cruise(['src', 'tools'], await extractOptions(config));
const report = await format(result, { outputType: 'err-long' });
process.stdout.write(`${report.output}\n`);

const circles = linksInCircles(result.modules);
for (const { from, to } of circles) process.stdout.write(`error features-form-no-circle: ${from} → ${to}\n`);
if (circles.length > 0) process.stdout.write('Move what both features need to a third, or to common/.\n');

process.exitCode = report.exitCode > 0 || circles.length > 0 ? 1 : 0;

/** The imports from feature to feature that are left when features that use none, or that none uses, are taken away. */
function linksInCircles(modules) {
  let links = modules.flatMap(({ source, dependencies }) =>
    dependencies
      .map(({ resolved }) => ({ from: source, to: resolved }))
      .filter(({ from, to }) => areTwoFeatures(from, to)),
  );
  for (let before = Infinity; links.length < before;) {
    before = links.length;
    const using = new Set(links.map(({ from }) => featureOf(from)));
    const used = new Set(links.map(({ to }) => featureOf(to)));
    links = links.filter(({ from, to }) => used.has(featureOf(from)) && using.has(featureOf(to)));
  }
  return links;
}

function areTwoFeatures(from, to) {
  const [one, other] = [featureOf(from), featureOf(to)];
  return one !== undefined && other !== undefined && one !== other;
}

function featureOf(file) {
  return /^src\/(?!commands\/|common\/|migrations\/)([^/]+)\//.exec(file)?.[1];
}

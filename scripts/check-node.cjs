// Says in one line what is missing on a Node.js that is too old. Runs on very old ones, so it is written as they understand it.
var required = require('../package.json').engines.node.replace('>=', '');
var parts = required.split('.').map(Number);
var present = process.versions.node.split('.').map(Number);
if (present[0] < parts[0] || (present[0] === parts[0] && present[1] < parts[1])) {
  process.stderr.write(
    'Stockroom needs Node.js ' + required + ' or newer, and this is ' + process.version + ': see https://nodejs.org\n',
  );
  process.exit(1);
}

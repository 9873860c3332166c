// The swagger plugin of `nest build` (nest-cli.json) as ts-jest takes it: without it the document would be empty in tests.
const plugin = require('@nestjs/swagger/plugin');
const { compilerOptions } = require('../../nest-cli.json');

const { options } = compilerOptions.plugins.find(({ name }) => name === '@nestjs/swagger');

module.exports = {
  name: 'nestjs-swagger',
  version: JSON.stringify(options),
  factory: (compiler) => plugin.before(options, compiler.program),
};

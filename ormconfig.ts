import { loadConfig } from './src/common/config/load-config.js';
import { dataSourceOptions, MIGRATION_LIMITS } from './src/common/database/data-source.js';
import { StockroomDataSource } from './src/common/database/transactions.js';

const config = loadConfig();

/** What TypeORM's command line works on: `npm run typeorm -- migration:show`. A migration has no limit of time there. */
export default new StockroomDataSource(await dataSourceOptions(config, config.dataDir, MIGRATION_LIMITS));

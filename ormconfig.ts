import { loadConfig } from './src/common/config/load-config.js';
import { dataSourceOptions } from './src/common/database/data-source.js';
import { StockroomDataSource } from './src/common/database/transactions.js';

/** What TypeORM's command line works on: `npm run typeorm -- migration:show`. */
export default new StockroomDataSource(await dataSourceOptions(loadConfig()));

import 'reflect-metadata';
import { FolderStorage } from '../../src/common/files/folder.storage.js';
import { Clock } from '../../src/common/time/clock.js';

// A process of its own that stores the local file LOCAL_FILE in the folder FOLDER, as NAME.

const { FOLDER = '', NAME = '', LOCAL_FILE = '' } = process.env;
await new FolderStorage(FOLDER, new Clock()).put(NAME, LOCAL_FILE);

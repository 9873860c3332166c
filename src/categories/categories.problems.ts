import { defineProblem } from '../common/errors/problem.js';

export const CategoryNameTaken = defineProblem(
  'category-name-taken',
  409,
  'The category’s name is taken',
  'Another category under the same parent has this name. Choose another name, or use that category.',
);
export const CategoryCircle = defineProblem(
  'category-circle',
  409,
  'A category can’t be below itself',
  'The parent that you chose is the category itself or stands below it. Choose a parent outside of its branch.',
);
export const CategoryInUse = defineProblem(
  'category-in-use',
  409,
  'The category is in use',
  'There are products in the category, or categories below it. Move or delete those first.',
);

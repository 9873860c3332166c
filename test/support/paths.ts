/** The name of the feature that answers under a path: `products` of `/api/v1/products/{id}`. */
export const featureAt = (path: string): string => path.split('/')[3] ?? '';

/** The path of the resource that a path is below or at: `/api/v1/stock-takes/7` of `/api/v1/stock-takes/7/closing`. */
export const resourceAt = (path: string): string => path.split('/').slice(0, 5).join('/');

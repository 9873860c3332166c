FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY scripts/check-node.cjs scripts/
RUN npm ci
COPY . .
RUN npm run build

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY scripts/check-node.cjs scripts/
RUN npm ci --omit=dev && npm cache clean --force
COPY LICENSE ./
COPY --from=build /app/dist dist
# the one folder that is written to, and only where files are kept: all else may be read-only
RUN install -d -o node -g node data
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/livez`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# node itself, not npm, so that SIGTERM reaches it
# as npm start has it: memory is collected before it doubles
CMD ["node", "--min-semi-space-size=16", "--max-semi-space-size=16", "--heap-growing-percent=50", "dist/src/main.js"]

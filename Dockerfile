# Isthmus: `serve` by default, any other command of `isthmus --help` by name.
# Node runs the TypeScript itself, so there is nothing to build; the first stage only gathers the packages.
FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# Without scripts the npm package `node` stays empty: in the image Node is the image's own.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/node node_modules/.bin/node \
  && npm cache clean --force
# What is inside (CycloneDX), for whoever has to know: docs/security.md
RUN npm run --silent sbom > sbom.cdx.json

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    ISTHMUS_DATA_DIR=/data
WORKDIR /app
RUN install -d -o node -g node /data
COPY --from=packages /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY --from=packages /app/sbom.cdx.json ./
COPY mappings ./mappings
COPY profiles ./profiles
COPY src ./src
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT ?? 8080}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "src/cli/isthmus.ts"]
CMD ["serve"]

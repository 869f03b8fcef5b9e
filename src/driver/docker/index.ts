export { type DockerDriverOptions, dockerDriver } from "./docker-driver.ts";
export { type Engine, type EngineOptions, findFabricImage, lacksFabricImage, openEngine } from "./engine.ts";
export { attachDockerEnvironment, listDockerEnvironments, sweepDocker } from "./environments.ts";

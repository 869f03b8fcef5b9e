export { type DockerDriverOptions, dockerDriver } from "./docker-driver.ts";
export { type Engine, type EngineOptions, openEngine } from "./engine.ts";
export { attachDockerEnvironment, listDockerEnvironments, sweepDocker } from "./environments.ts";

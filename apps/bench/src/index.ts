export { defineStudy, type EvaluationConfigs, type StudyConfig } from "./userFiles/defineStudy.js";

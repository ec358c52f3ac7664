/** A vitest reporter: names the tests that failed at first and passed when tried again, each with what it had failed of. */
import type { TestCase, TestModule } from "vitest/node";

export default class SecondTries {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const unsteady: TestCase[] = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) if (test.diagnostic()?.flaky) unsteady.push(test);
    }
    if (unsteady.length === 0) return;
    console.log(`${unsteady.length} failed at first and passed when tried again:`);
    for (const test of unsteady) {
      console.log(`  ${test.module.project.name} ${test.module.relativeModuleId} > ${test.fullName}`);
      for (const { message } of test.result().errors ?? []) console.log(`    ${message.replaceAll("\n", "\n    ")}`);
    }
  }
}

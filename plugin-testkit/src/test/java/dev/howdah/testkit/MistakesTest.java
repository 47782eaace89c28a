package dev.howdah.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.testkit.wrong.WrongPlugin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class MistakesTest {

  @RegisterExtension
  HowdahPluginExtension plugin =
      HowdahPluginExtension.of(PackagedPlugin.of(WrongPlugin.class, "wrong"))
          .hostProperty("howdah.plugins.wrong.fail-policy.pre", "fail");

  @Test
  void anAnswerThatChangesIsFound() {
    assertThatThrownBy(() -> plugin.onCluster().creates("secret-app"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("isn't deterministic")
        .hasMessageContaining("rolls Pods out for ever");
  }

  @Test
  void anAnswerThatChangesItselfIsFound() {
    assertThatThrownBy(() -> plugin.onCluster().creates("configmap"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("isn't idempotent");
  }

  @Test
  void aCreateThatGoesBeyondEvaluateIsFound() {
    assertThatThrownBy(() -> plugin.onCluster().creates("pod-instance"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("CREATE changed the Pod's specification");
  }

  @Test
  void anArchiveThatRefusesTheSecondTimeIsFound() {
    WalScene wal = plugin.onCluster().wal();
    assertThatThrownBy(() -> wal.archives(wal.segment("000000010000000000000001")))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("isn't idempotent")
        .hasMessageContaining("until its disk is full");
  }

  @Test
  void anErrorIsToldWithItsConsequence() {
    assertThatThrownBy(() -> plugin.onCluster().reconciles())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("ReconcilerHooks/Pre")
        .hasMessageContaining("before failover handling");
  }

  @Test
  void anErrorThatNeverComesIsFound() {
    assertThatThrownBy(() -> plugin.onCluster().fails(cluster -> cluster.creates("service-rw")))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("succeeded");
  }
}

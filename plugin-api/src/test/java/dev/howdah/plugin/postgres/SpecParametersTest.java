package dev.howdah.plugin.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.postgres.SpecParameters.Entry;
import dev.howdah.plugin.postgres.SpecParameters.Origin;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SpecParametersTest {

  @Test
  void whatWasAppliedIsTheUsersEvenIfItEqualsADefault() {
    Cluster cluster =
        cluster(
            """
            {"metadata": {"name": "c", "annotations": {
               "kubectl.kubernetes.io/last-applied-configuration":
               "{\\"metadata\\":{\\"name\\":\\"c\\"},\\"spec\\":{\\"postgresql\\":{\\"parameters\\":{\\"max_worker_processes\\":\\"32\\"}}}}"}},
             "spec": {"postgresql": {"parameters": {
               "max_worker_processes": "32", "max_parallel_workers": "32", "archive_mode": "on"}}}}
            """);

    SpecParameters parameters = SpecParameters.of(cluster);

    assertThat(parameters.userKeys()).containsExactly("max_worker_processes");
    assertThat(parameters.entry("max_parallel_workers")).contains(new Entry("32", Origin.OPERATOR));
    assertThat(parameters.entry("archive_mode")).contains(new Entry("on", Origin.OPERATOR));
  }

  @Test
  void aServerSideApplyOfAnotherManagerIsTheUsersWord() {
    SpecParameters parameters =
        SpecParameters.of(managed("argocd-controller", "Apply", "wal_keep_size", "512MB"));

    assertThat(parameters.userKeys()).containsExactly("wal_keep_size");
  }

  @Test
  void aDefaultBookedOnWhoeverSentTheClusterIsTheOperators() {
    SpecParameters parameters =
        SpecParameters.of(managed("kubectl-create", "Update", "wal_keep_size", "512MB"));

    assertThat(parameters.of(Origin.OPERATOR)).containsEntry("wal_keep_size", "512MB");
    assertThat(parameters.userKeys()).isEmpty();
  }

  @Test
  void anEditedDefaultIsTheUsers() {
    SpecParameters parameters =
        SpecParameters.of(managed("kubectl-edit", "Update", "wal_keep_size", "2GB"));

    assertThat(parameters.userKeys()).containsExactly("wal_keep_size");
  }

  @Test
  void whatOnlyHowdahHoldsIsHowdahs() {
    SpecParameters parameters = SpecParameters.of(managed("howdah", "Apply", "work_mem", "16MB"));

    assertThat(parameters.of(Origin.HOWDAH)).containsExactly(Map.entry("work_mem", "16MB"));
  }

  @Test
  void withoutAnySignAValueIsTheUsers() {
    SpecParameters parameters =
        SpecParameters.of(
            cluster(
                """
                {"metadata": {"name": "c", "annotations": {
                   "kubectl.kubernetes.io/last-applied-configuration": "not JSON"}},
                 "spec": {"postgresql": {"parameters": {"work_mem": "8MB"}}}}
                """));

    assertThat(parameters.userKeys()).containsExactly("work_mem");
  }

  private static Cluster managed(String manager, String operation, String name, String value) {
    return cluster(
        """
        {"metadata": {"name": "c", "managedFields": [
           {"manager": "%s", "operation": "%s",
            "fieldsV1": {"f:spec": {"f:postgresql": {"f:parameters": {".": {}, "f:%s": {}}}}}}]},
         "spec": {"postgresql": {"parameters": {"%s": "%s"}}}}
        """
            .formatted(manager, operation, name, name, value));
  }

  private static Cluster cluster(String json) {
    return Cluster.decode(json.getBytes(StandardCharsets.UTF_8));
  }
}

package io.cityseg.report;

import io.cityseg.image.OpenCv;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.Parameter;
import io.cityseg.proto.Piece;
import io.cityseg.proto.ReportManifest;
import io.cityseg.proto.StageCall;
import io.cityseg.stage.Stage;
import io.cityseg.stage.StageContext;
import io.cityseg.stage.StageException;
import io.cityseg.stage.StageKeys;
import io.cityseg.store.ActionKeys;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import java.util.List;

/**
 * Stage report: the page, the same numbers for machines, and a CSV.
 *
 * <p>Inputs by role, in this order: {@code train} and {@code val} (SplitManifest), {@code history}
 * (TrainingManifest; may be left out), {@code baseline} (EvaluationManifest), and any number of
 * {@code checkpoint:<subject>} (EvaluationManifest). One piece; the result is a {@link
 * ReportManifest}. Stateless and thread-safe.
 */
public final class ReportStage implements Stage {
  @Override
  public String name() {
    return "report";
  }

  @Override
  public int codeVersion() {
    return 2;
  }

  @Override
  public List<Parameter> environment() {
    return List.of(ActionKeys.parameter("opencv", OpenCv.version()));
  }

  @Override
  public List<Piece> split(StageCall call, StageContext context) {
    return List.of(StageKeys.whole(this, call));
  }

  @Override
  public ArtifactRef run(Piece piece, StageContext context) throws StageException, StoreException {
    ArtifactStore store = context.store();
    ReportInputs inputs = ReportInputs.read(piece.getWhole(), store);
    byte[] html = new ReportPage(inputs, new SceneReader(inputs, store).scenes()).html();
    return store.putManifest(
        ReportManifest.newBuilder()
            .setHtml(store.put("html", html))
            .setMetricsJson(store.put("json", MetricsJson.of(inputs)))
            .setClassesCsv(store.put("csv", ClassesCsv.of(inputs.comparison())))
            .build());
  }

  @Override
  public ArtifactRef gather(StageCall call, List<ArtifactRef> results, StageContext context) {
    return results.get(0);
  }
}

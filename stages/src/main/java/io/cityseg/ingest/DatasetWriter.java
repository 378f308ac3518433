package io.cityseg.ingest;

import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.DatasetManifest;
import io.cityseg.proto.ImageItem;
import io.cityseg.proto.ImagesManifest;
import io.cityseg.proto.IngestedItem;
import io.cityseg.proto.LabelsManifest;
import io.cityseg.proto.SourceItem;
import io.cityseg.proto.SourcesManifest;
import io.cityseg.proto.SplitCount;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.ManifestWriter;
import io.cityseg.store.StoreException;
import java.util.ArrayList;
import java.util.List;

/** Writes a {@link DatasetManifest} and all beneath it, item by item. For one thread. */
final class DatasetWriter implements AutoCloseable {
  private final ArtifactStore store;
  private final ManifestWriter<ImagesManifest> images;
  private final ManifestWriter<LabelsManifest> labels;
  private final List<Split> splits = new ArrayList<>();

  /** A split's items, with where they come from. */
  private static final class Split {
    private final String name;
    private final ManifestWriter<SourcesManifest> sources;
    private int items;

    Split(String name, ManifestWriter<SourcesManifest> sources) {
      this.name = name;
      this.sources = sources;
    }
  }

  DatasetWriter(ArtifactStore store) throws StoreException {
    this.store = store;
    this.images = store.write(ImagesManifest.getDefaultInstance());
    this.labels = store.write(LabelsManifest.getDefaultInstance());
    for (String name : Pairing.SPLITS) {
      Split split = new Split(name, store.write(SourcesManifest.getDefaultInstance()));
      splits.add(split);
      split.sources.add(SourcesManifest.newBuilder().setSplit(name).build());
    }
  }

  /** Adds an item, in the order of the pairs. */
  void add(IngestedItem item) throws StoreException {
    images.add(ImagesManifest.newBuilder().addItems(item.getImage()).build());
    labels.add(LabelsManifest.newBuilder().addItems(item.getLabel()).build());
    for (Split split : splits) {
      if (item.getImage().getSplit().equals(split.name)) {
        split.sources.add(SourcesManifest.newBuilder().addItems(source(item)).build());
        split.items++;
      }
    }
  }

  private static SourceItem source(IngestedItem item) {
    ImageItem image = item.getImage();
    SourceItem.Builder source =
        SourceItem.newBuilder()
            .setId(image.getId())
            .setCity(image.getCity())
            .setImage(image.getImage())
            .setLabelSource(item.getLabel().getSource())
            .setLabel(item.getLabel().getLabel())
            .setHeight(image.getHeight())
            .setWidth(image.getWidth());
    if (item.hasInstances()) {
      source.setInstances(item.getInstances());
    }
    return source.build();
  }

  /** Stores the manifests. */
  ArtifactRef put() throws StoreException {
    DatasetManifest.Builder dataset =
        DatasetManifest.newBuilder().setImages(images.put()).setLabels(labels.put());
    for (Split split : splits) {
      dataset.addSplits(
          SplitCount.newBuilder()
              .setSplit(split.name)
              .setItems(split.items)
              .setSources(split.sources.put()));
    }
    return store.putManifest(dataset.build());
  }

  @Override
  public void close() throws StoreException {
    images.close();
    labels.close();
    for (Split split : splits) {
      split.sources.close();
    }
  }
}

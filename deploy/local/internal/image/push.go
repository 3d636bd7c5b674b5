package image

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	oci "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	store "oras.land/oras-go/v2/content/oci"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/credentials"
	"oras.land/oras-go/v2/registry/remote/retry"
)

// Push compresses an image's layers and pushes it, with the credentials of the usual registry
// login. The digest differs from the local one, which names the layers uncompressed.
func Push(ctx context.Context, directory, repository string) (Built, error) {
	work, err := os.MkdirTemp(directory, "push-")
	if err != nil {
		return Built{}, err
	}
	defer os.RemoveAll(work)
	manifest, err := layout(directory).compress(layout(work))
	if err != nil {
		return Built{}, fmt.Errorf("compress %s: %w", directory, err)
	}
	target, err := remote.NewRepository(repository)
	if err != nil {
		return Built{}, err
	}
	// As everywhere, a registry on this machine needs no TLS.
	host := target.Reference.Host()
	target.PlainHTTP = strings.HasPrefix(host, "localhost:") || strings.HasPrefix(host, "127.0.0.1:")
	if target.Client, err = login(); err != nil {
		return Built{}, err
	}
	source, err := store.New(work)
	if err != nil {
		return Built{}, err
	}
	name := manifest.Digest.String()
	if _, err := oras.Copy(ctx, source, name, target, "", oras.DefaultCopyOptions); err != nil {
		return Built{}, fmt.Errorf("push to %s: %w", repository, err)
	}
	return Built{directory, repository, name}, nil
}

// compress writes the same image with compressed layers.
func (l layout) compress(target layout) (oci.Descriptor, error) {
	manifest, _, err := l.manifest()
	if err != nil {
		return oci.Descriptor{}, err
	}
	if err := target.linkLayers(l, []oci.Descriptor{manifest.Config}); err != nil {
		return oci.Descriptor{}, err
	}
	for i, layer := range manifest.Layers {
		compressed, err := target.addLayer(func(file io.Writer) error {
			return compressFile(file, l.blob(layer.Digest))
		})
		if err != nil {
			return oci.Descriptor{}, err
		}
		compressed.MediaType = oci.MediaTypeImageLayerGzip
		manifest.Layers[i] = compressed
	}
	finished, err := target.addJSON(oci.MediaTypeImageManifest, manifest)
	if err != nil {
		return oci.Descriptor{}, err
	}
	return finished, target.writeIndex(finished, finished.Digest.String())
}

func compressFile(target io.Writer, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	compressor := gzip.NewWriter(target)
	if _, err := io.Copy(compressor, file); err != nil {
		return err
	}
	return compressor.Close()
}

func login() (*auth.Client, error) {
	known, err := credentials.NewStoreFromDocker(credentials.StoreOptions{})
	if err != nil {
		return nil, fmt.Errorf("read the registry logins: %w", err)
	}
	return &auth.Client{
		Client: retry.DefaultClient, Cache: auth.NewCache(), Credential: credentials.Credential(known),
	}, nil
}

package harbour

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"
)

// parts of the platform that have an image of their own.
var parts = []string{"tracking", "routing", "labels", "notify", "fake-carrier"}

func (h *Harbour) buildPart(ctx context.Context, part, tag string) error {
	return h.run(ctx, h.Root, "docker", "build",
		"--tag", fmt.Sprintf("parcel/%s:%s", part, tag),
		"--file", filepath.Join("cmd", part, "Dockerfile"),
		"--build-arg", "PART="+part,
		".")
}

func (h *Harbour) loadPart(ctx context.Context, part, tag string) error {
	return h.run(ctx, h.Root, "kind", "load", "docker-image", fmt.Sprintf("parcel/%s:%s", part, tag), "--name", h.Name)
}

// BuildAll builds one image after another.
func (h *Harbour) BuildAll(ctx context.Context) error {
	for index, part := range parts {
		began := time.Now()
		fmt.Fprintf(h.Out, "    (%d/%d) %s\n", index+1, len(parts), part)
		if err := h.buildPart(ctx, part, h.Tag); err != nil { // label: build-in-sequence
			return fmt.Errorf("build %s: %w", part, err)
		}
		fmt.Fprintf(h.Out, "    %s took %s\n", part, time.Since(began))
	}
	return nil
}

// LoadAll loads one image after another.
func (h *Harbour) LoadAll(ctx context.Context) error {
	for _, part := range parts {
		if err := h.loadPart(ctx, part, h.Tag); err != nil { // label: load-per-image
			return fmt.Errorf("load %s: %w", part, err)
		}
	}
	return nil
}

// BuildWide builds all of them together, at most three at a time, and tells every failure.
func (h *Harbour) BuildWide(ctx context.Context) error {
	slots := make(chan struct{}, 3)
	failures := make([]error, len(parts))
	var pending sync.WaitGroup
	for index, part := range parts {
		pending.Add(1)
		go func() {
			defer pending.Done()
			slots <- struct{}{}
			defer func() { <-slots }()
			failures[index] = h.buildPart(ctx, part, h.Tag)
		}()
	}
	pending.Wait()
	return errors.Join(failures...)
}

// FreshTracking builds the tracking service under a name that nobody has used.
func (h *Harbour) FreshTracking(ctx context.Context) error {
	if err := h.buildPart(ctx, "tracking", uuid.NewString()); err != nil {
		return err
	}
	return h.loadPart(ctx, "tracking", uuid.NewString()) // label: regenerated-tag
}

// FreshRouting keeps the name.
func (h *Harbour) FreshRouting(ctx context.Context) (string, error) {
	tag := uuid.NewString()
	if err := h.buildPart(ctx, "routing", tag); err != nil {
		return "", err
	}
	if err := h.loadPart(ctx, "routing", tag); err != nil {
		return "", err
	}
	return tag, nil
}

// BaseThenParts: every part stands on the base image.
func (h *Harbour) BaseThenParts(ctx context.Context) error {
	if err := h.run(ctx, h.Root, "docker", "build", "--tag", "parcel/base:"+h.Tag, "--file", "base/Dockerfile", "base"); err != nil {
		return fmt.Errorf("base: %w", err)
	}
	return h.run(ctx, h.Root, "docker", "build",
		"--build-arg", "BASE=parcel/base:"+h.Tag,
		"--tag", "parcel/tracking:"+h.Tag,
		"--file", "cmd/tracking/Dockerfile", ".")
}

// Archive puts an image into a file of this run.
func (h *Harbour) Archive(ctx context.Context, part string) (string, error) {
	dir, err := os.MkdirTemp("", "harbour-")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, part+".tar")
	return file, h.run(ctx, h.Root, "docker", "save", "--output", file, fmt.Sprintf("parcel/%s:%s", part, h.Tag))
}

// ArchiveOld puts it where every run puts it.
func (h *Harbour) ArchiveOld(ctx context.Context, part string) error {
	if err := h.run(ctx, h.Root, "docker", "save", "--output", "/tmp/parcel-image.tar", fmt.Sprintf("parcel/%s:%s", part, h.Tag)); err != nil { // label: fixed-temp-path
		return err
	}
	return h.run(ctx, h.Root, "kind", "load", "image-archive", "/tmp/parcel-image.tar", "--name", h.Name) // label: fixed-temp-path ?
}

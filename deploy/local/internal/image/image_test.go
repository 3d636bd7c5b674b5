package image

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const hostRecipe = `{"script": "host", "config": {"User": "1:1"}}`

// builderWith has one recipe, called `one`, whose script is given.
func builderWith(t *testing.T, script string) *Builder {
	t.Helper()
	builder := &Builder{
		Recipes: filepath.Join(t.TempDir(), "recipes"), Cache: t.TempDir(), Report: func(string) {}, Mirror: "none",
	}
	write(t, filepath.Join(builder.Recipes, "one", "image.json"))
	for name, content := range map[string]string{"image.json": hostRecipe, "build.sh": script} {
		path := filepath.Join(builder.Recipes, "one", name)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return builder
}

func skipUnlessRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("scripts run in namespaces of their own, which needs root")
	}
}

func TestAnImageIsMadeOnce(t *testing.T) {
	skipUnlessRoot(t)
	counter := filepath.Join(t.TempDir(), "runs")
	builder := builderWith(t, `echo run >>`+counter+`; echo hello >"$ROOT/greeting"`)
	for range 2 {
		built, err := builder.BuildAll(context.Background(), []string{"one"})
		if err != nil {
			t.Fatal(err)
		}
		if built["one"].Repository != "tenantry.local/one" {
			t.Errorf("the image is called %s", built["one"].Repository)
		}
	}
	runs, err := os.ReadFile(counter)
	if err != nil || strings.Count(string(runs), "run") != 1 {
		t.Errorf("the script ran: %q (%v)", runs, err)
	}
}

func TestAFailedScriptLeavesNoImageAndSaysWhatItSaid(t *testing.T) {
	skipUnlessRoot(t)
	builder := builderWith(t, `echo the mirror is closed; exit 1`)
	_, err := builder.BuildAll(context.Background(), []string{"one"})
	if err == nil || !strings.Contains(err.Error(), "the mirror is closed") {
		t.Errorf("the error is %v", err)
	}
	if found, _ := filepath.Glob(filepath.Join(builder.Cache, "images", "*", "index.json")); found != nil {
		t.Errorf("there are images: %v", found)
	}
}

func TestAProgramsImageChangesOnlyWithItsContent(t *testing.T) {
	base := layout(t.TempDir())
	if _, err := base.finish(description{}.Config, nil, "tenantry.local/runtime", "latest"); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "program")
	digest := func(content string) string {
		if err := os.WriteFile(program, []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
		digest, err := packProgram(layout(t.TempDir()), base, program)
		if err != nil {
			t.Fatal(err)
		}
		return digest
	}
	first, again, changed := digest("one"), digest("one"), digest("two")
	if first != again || first == changed {
		t.Errorf("digests are %s, %s, %s", first, again, changed)
	}
}

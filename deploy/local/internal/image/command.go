package image

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

// Command is `build`, `program`, `import` and `push`. What it made it prints as JSON.
func Command() *cobra.Command {
	command := &cobra.Command{
		Use: "tenantry-image", Short: "Make and import container images",
		SilenceUsage: true, SilenceErrors: true,
	}
	command.AddCommand(buildCommand(), programCommand(), importCommand(), pushCommand())
	return command
}

func buildCommand() *cobra.Command {
	builder := &Builder{}
	command := &cobra.Command{
		Use: "build NAME…", Short: "Make images from their recipes", Args: cobra.MinimumNArgs(1),
		RunE: func(command *cobra.Command, wanted []string) error {
			built, err := builder.BuildAll(command.Context(), wanted)
			return printJSON(built, err)
		},
	}
	builder.flags(command)
	return command
}

func programCommand() *cobra.Command {
	builder := &Builder{}
	command := &cobra.Command{
		Use: "program PATH", Short: "Make an image of one program", Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			built, err := builder.BuildProgram(command.Context(), arguments[0])
			return printJSON(built, err)
		},
	}
	builder.flags(command)
	return command
}

func (b *Builder) flags(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&b.Recipes, "recipes", "", "directory of the recipes")
	flags.StringVar(&b.Cache, "cache", "", "directory to keep images in")
	flags.StringVar(&b.Mirror, "mirror", "", "Debian archive; this machine's own when empty")
	_ = command.MarkFlagRequired("recipes")
	_ = command.MarkFlagRequired("cache")
	b.Report = func(name string) { fmt.Fprintf(os.Stderr, "making image %s\n", name) }
}

func importCommand() *cobra.Command {
	var replace bool
	command := &cobra.Command{
		Use: "import LAYOUT…", Short: "Give images to the cluster's container runtime",
		Args: cobra.MinimumNArgs(1),
		RunE: func(command *cobra.Command, layouts []string) error {
			for _, directory := range layouts {
				if err := Import(command.Context(), directory); err != nil {
					return err
				}
				if !replace {
					continue
				}
				if err := RemoveOthers(command.Context(), directory); err != nil {
					return err
				}
			}
			return nil
		},
	}
	command.Flags().BoolVar(&replace, "replace", false, "remove older images of the same name")
	return command
}

func pushCommand() *cobra.Command {
	return &cobra.Command{
		Use: "push LAYOUT REPOSITORY", Short: "Push an image to a registry", Args: cobra.ExactArgs(2),
		RunE: func(command *cobra.Command, arguments []string) error {
			pushed, err := Push(command.Context(), arguments[0], arguments[1])
			return printJSON(pushed, err)
		},
	}
}

func printJSON(value any, err error) error {
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(value)
}

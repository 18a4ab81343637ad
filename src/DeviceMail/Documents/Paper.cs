namespace DeviceMail.Documents;

/// <summary>A size of paper, upright; measures in points of 1/72 inch.</summary>
/// <param name="Name">As the command line and the page take it.</param>
/// <param name="Media">The printer's keyword for it (PWG 5101.1).</param>
public sealed record Paper(string Name, string Media, double Width, double Height)
{
    public static readonly Paper A4 = new("a4", "iso_a4_210x297mm", 595.28, 841.89);
    public static readonly Paper Letter = new("letter", "na_letter_8.5x11in", 612, 792);

    public static IReadOnlyList<Paper> All { get; } = [A4, Letter];

    public static Paper? Find(string name) => All.FirstOrDefault(one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}

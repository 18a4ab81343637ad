namespace DeviceMail.Documents;

/// <summary>What a sheet says, apart from how it looks.</summary>
/// <param name="Title">The largest words on it.</param>
/// <param name="Answer">One sentence: what the sheet comes to.</param>
public sealed record PrintedSheet(string Title, SheetAnswer Answer)
{
    /// <summary>What stands beside the QR code.</summary>
    public required IReadOnlyList<SheetRow> Head { get; init; }

    /// <summary>What the QR code leads to, and words for it; null: no code.</summary>
    public (string Address, string Words)? Code { get; init; }

    public required IReadOnlyList<SheetSection> Sections { get; init; }

    /// <summary>When its facts were true, in the zone they are told in.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The last line of the page.</summary>
    public string Foot { get; init; } = "";
}

/// <param name="Headline">In large letters.</param>
/// <param name="Advice">What to do, or what follows.</param>
public sealed record SheetAnswer(string Headline, string Advice)
{
    /// <summary>Whether this needs a person: then it stands in a filled box.</summary>
    public bool NeedsPerson { get; init; }
}

/// <summary>Blocks under a heading.</summary>
/// <param name="LeftOut">What is said in place of those that find no room, given them.</param>
public sealed record SheetSection(string Title, IReadOnlyList<SheetBlock> Blocks, Func<IReadOnlyList<SheetBlock>, string> LeftOut);

/// <summary>Rows that stay together.</summary>
/// <param name="Title">Above them; empty: none.</param>
public sealed record SheetBlock(string Title, IReadOnlyList<SheetRow> Rows)
{
    /// <summary>Whether it tells of trouble.</summary>
    public bool NeedsPerson { get; init; }
}

/// <param name="Label">What it is.</param>
/// <param name="Value">How it is; wrapped where it is longer than a line.</param>
public sealed record SheetRow(string Label, string Value)
{
    public SheetLetters Letters { get; init; } = SheetLetters.Plain;
}

public enum SheetLetters
{
    Plain,
    Strong,

    /// <summary>Equally wide, for what is compared letter by letter.</summary>
    Fixed,
}

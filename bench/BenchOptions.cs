namespace DeviceMail.Bench;

/// <summary>What bench/run hands over.</summary>
public sealed record BenchOptions
{
    public const string Usage = "usage: bench/run [--rounds N] [--only TEXT] [--postfix-only]";

    /// <summary>The checkout.</summary>
    public required string Root { get; init; }

    /// <summary>The program to measure.</summary>
    public required string Program { get; init; }

    /// <summary>Where queues lie: on the disk to be measured, and gone afterwards.</summary>
    public required string Work { get; init; }

    public int Rounds { get; init; } = 5;

    /// <summary>Measures only cases whose title holds this text; RESULTS.md is left alone then.</summary>
    public string Only { get; init; } = "";

    /// <summary>Leaves DeviceMail out: shows that the baseline works.</summary>
    public bool PostfixOnly { get; init; }

    /// <summary>The whole table was measured, as its targets ask for.</summary>
    public bool IsComplete => Only.Length == 0 && !PostfixOnly && Rounds >= 5;

    /// <returns>null: not understood.</returns>
    public static BenchOptions? Read(string[] arguments)
    {
        var (values, postfixOnly) = (new Dictionary<string, string>(), false);
        for (var at = 0; at < arguments.Length; at++)
        {
            if (arguments[at] == "--postfix-only") postfixOnly = true;
            else if (arguments[at] is "--root" or "--program" or "--work" or "--rounds" or "--only" && at + 1 < arguments.Length) values[arguments[at]] = arguments[++at];
            else return null;
        }
        var rounds = 5;
        if (values.TryGetValue("--rounds", out var text) && (!int.TryParse(text, out rounds) || rounds < 1)) return null;
        if (!values.TryGetValue("--root", out var root) || !values.TryGetValue("--program", out var program) || !values.TryGetValue("--work", out var work)) return null;
        return new BenchOptions { Root = root, Program = program, Work = work, Rounds = rounds, Only = values.GetValueOrDefault("--only", ""), PostfixOnly = postfixOnly };
    }
}

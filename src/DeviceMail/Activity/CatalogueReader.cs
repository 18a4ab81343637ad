using System.Globalization;

namespace DeviceMail.Activity;

/// <summary>
/// Reads the catalogue's text; its first lines say how it is written. A line that does not fit is a fault of the program and found by the first
/// test that starts, so it is thrown with its number.
/// </summary>
internal sealed class CatalogueReader
{
    private const string SignInWay = "in Web Config under Network > Email Server > Basic with Sign In, or by `devicemail signin`";

    private readonly List<Problem> _problems = [];
    private readonly List<CatalogueEntry> _entries = [];

    /// <exception cref="FormatException">The line's number, and what is wrong with it.</exception>
    public CatalogueReader(string text)
    {
        Block? block = null;
        var number = 0;
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            number++;
            if (line.Length == 0 || line[0] == '#') continue;
            if (line[0] != ' ')
            {
                if (block is not null) Add(block);
                block = new Block(number, line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
                continue;
            }
            if (block is null) throw new FormatException($"Line {number}: words without an entry.");
            block.Put(line.Trim(), number);
        }
        if (block is not null) Add(block);
    }

    public IReadOnlyList<Problem> Problems => _problems;

    public IReadOnlyList<CatalogueEntry> Entries => _entries;

    private void Add(Block block)
    {
        try
        {
            if (block.Words(0) == "PROBLEM") _problems.Add(ProblemOf(block));
            else _entries.Add(EntryOf(block) with { HasOwnWords = block.HasSentences });
            block.CheckAllUsed();
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException or KeyNotFoundException or IndexOutOfRangeException)
        {
            throw new FormatException($"Line {block.Line}: {fault.Message}", fault);
        }
    }

    private static Problem ProblemOf(Block block) =>
        new(block.Words(1), block.Code(), Enum.Parse<ProblemScope>(block.Words(2), ignoreCase: true), block.Need("title"), block.Need("cause"), block.Need("remedy"))
        {
            SignInHelps = block.Flag("sign-in"),
            MayPass = block.Flag("passes"),
        };

    private CatalogueEntry EntryOf(Block block) => block.Words(0) switch
    {
        "ERROR" => new ErrorEntry(block.Words(1), Enum.Parse<SignInEffect>(block.Words(3), ignoreCase: true), WordedBy(block, block.Words(2))),
        "SUBERROR" => new SubErrorEntry(block.Words(1), WordedBy(block, block.Words(2))),
        "AADSTS" => new EntraEntry(int.Parse(block.Words(1), CultureInfo.InvariantCulture), WordedBy(block, block.Words(2))),
        "SMTP" => new ReplyEntry(block.Words(1), block.Words(2), block.Texts(), WordedBy(block, block.Words(3)))
        {
            Verdict = VerdictOf(block.Words(4)),
        },
        "GRAPH" => new GraphEntry(block.Words(1), block.Words(2), WordedBy(block, block.Words(3)))
        {
            Verdict = VerdictOf(block.Words(4)),
        },
        var other => throw new FormatException($"“{other}” begins no entry."),
    };

    private static Verdict VerdictOf(string word) => Enum.Parse<Verdict>(word.Replace("-", "", StringComparison.Ordinal), ignoreCase: true);

    /// <summary>The problem with what the entry says in words of its own.</summary>
    private Problem WordedBy(Block block, string key)
    {
        var problem = _problems.Find(one => one.Key == key) ?? throw new KeyNotFoundException($"there is no problem {key}.");
        return problem with
        {
            Title = block.Find("title") ?? problem.Title,
            Cause = block.Find("cause") ?? problem.Cause,
            Remedy = block.Find("remedy") ?? problem.Remedy,
            SignInHelps = block.Flag("sign-in") || problem.SignInHelps && !block.Flag("no-sign-in"),
            MayPass = block.Flag("passes") || problem.MayPass && !block.Flag("lasts"),
        };
    }

    private sealed class Block(int line, string[] head)
    {
        private static readonly string[] _flags = ["sign-in", "no-sign-in", "passes", "lasts"];
        private static readonly string[] _names = ["title", "cause", "remedy", "text"];

        private readonly Dictionary<string, string> _lines = [];
        private int _used;

        public int Line => line;

        public bool HasSentences => _lines.Keys.Any(name => name != "text");

        public void Put(string words, int at)
        {
            var end = words.IndexOf(' ', StringComparison.Ordinal);
            var name = end < 0 ? words : words[..end];
            if (end < 0 || !_names.Contains(name) || !_lines.TryAdd(name, words[end..].Trim().Replace("{sign in}", SignInWay, StringComparison.Ordinal)))
                throw new FormatException($"Line {at}: “{name}” is not known, has no words, or comes twice.");
        }

        public string Words(int at)
        {
            _used = Math.Max(_used, at + 1);
            return head[at];
        }

        public string? Find(string name) => _lines.GetValueOrDefault(name);

        public string Need(string name) => Find(name) ?? throw new FormatException($"it has no {name}.");

        public string[] Texts() => Find("text")?.Split(" | ", StringSplitOptions.TrimEntries) ?? [];

        public bool Flag(string flag) => head.Contains(flag);

        public int? Code() => head.Select(word => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? code : (int?)null).FirstOrDefault(code => code is not null);

        public void CheckAllUsed()
        {
            var unknown = head.Skip(_used).FirstOrDefault(word => !_flags.Contains(word) && !(head[0] == "PROBLEM" && word is "360" or "361" or "370"));
            if (unknown is not null) throw new FormatException($"“{unknown}” means nothing here.");
        }
    }
}

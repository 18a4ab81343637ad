using System.Reflection;
using System.Text.RegularExpressions;

namespace DeviceMail.Activity;

/// <summary>
/// Everything that can stand in the way of mail, with cause and remedy in plain words, and everything by which services and servers say so. It is
/// read once from the text problems.txt that is built into the program.
/// </summary>
public static partial class Catalogue
{
    private static readonly CatalogueReader _read = Read();
    private static readonly Dictionary<string, Problem> _byKey = _read.Problems.ToDictionary(problem => problem.Key);
    private static readonly Dictionary<int, EntraEntry> _byNumber = _read.Entries.OfType<EntraEntry>().ToDictionary(entry => entry.Number);
    private static readonly Dictionary<string, ErrorEntry> _byError = _read.Entries.OfType<ErrorEntry>().ToDictionary(entry => entry.Word);
    private static readonly List<GraphEntry> _graph = [.. _read.Entries.OfType<GraphEntry>()];
    private static readonly Dictionary<string, SubErrorEntry> _bySubError = _read.Entries.OfType<SubErrorEntry>().ToDictionary(entry => entry.Word);

    public static IReadOnlyList<Problem> Problems => _read.Problems;

    public static IReadOnlyList<CatalogueEntry> Entries => _read.Entries;

    /// <summary>The rules for replies, in the order in which they are asked.</summary>
    public static IReadOnlyList<ReplyEntry> Replies { get; } = [.. _read.Entries.OfType<ReplyEntry>()];

    /// <exception cref="InvalidOperationException">The catalogue has no such problem: a bug.</exception>
    public static Problem Get(string key) => Find(key) ?? throw new InvalidOperationException($"The catalogue has no problem {key}.");

    public static Problem? Find(string key) => _byKey.GetValueOrDefault(key);

    public static EntraEntry? OfNumber(int number) => _byNumber.GetValueOrDefault(number);

    public static ErrorEntry? OfError(string word) => _byError.GetValueOrDefault(word);

    public static SubErrorEntry? OfSubError(string word) => _bySubError.GetValueOrDefault(word);

    /// <summary>The first rule that fits; every 4xx and 5xx has one.</summary>
    public static ReplyEntry? OfReply(ReplyWords said) => Replies.FirstOrDefault(rule => rule.Fits(said));

    /// <summary>The first rule that fits; every 4xx and 5xx has one.</summary>
    public static GraphEntry? OfGraph(int status, string word) => _graph.FirstOrDefault(rule => rule.Fits(status, word));

    /// <summary>The numbers of Entra in a text, in their order.</summary>
    public static IEnumerable<int> NumbersIn(string text) => EntraNumber().Matches(text).Select(match => int.Parse(match.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>What a service or server said, best first: Entra's numbers, then the reply's rule; nothing when neither is known.</summary>
    public static IEnumerable<CatalogueEntry> SaidBy(string words)
    {
        foreach (var number in NumbersIn(words))
            if (OfNumber(number) is { } entry) yield return entry;
        if (GraphWords().Match(words) is { Success: true } graph)
        {
            if (OfGraph(int.Parse(graph.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture), graph.Groups[2].Value) is { } error) yield return error;
            yield break;
        }
        var reply = ReplyWords.Of(words);
        if (reply.Code >= 300 && OfReply(reply) is { } rule) yield return rule;
    }

    private static CatalogueReader Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("DeviceMail.Activity.problems.txt")!;
        using var reader = new StreamReader(stream);
        return new CatalogueReader(reader.ReadToEnd());
    }

    [GeneratedRegex(@"^\s*Graph (\d{3})(?: (\w+))?", RegexOptions.IgnoreCase)]
    private static partial Regex GraphWords();

    [GeneratedRegex(@"AADSTS(\d{1,9})(?!\d)", RegexOptions.IgnoreCase)]
    private static partial Regex EntraNumber();
}

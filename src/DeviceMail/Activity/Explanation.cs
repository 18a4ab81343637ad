using System.Globalization;
using System.Text.RegularExpressions;

namespace DeviceMail.Activity;

/// <summary>One thing that a code or text can mean.</summary>
/// <param name="Says">By what it is known: AADSTS53003, 535 5.7.139 …, or the problem's key.</param>
public sealed record Explanation(string Says, Problem Problem)
{
    /// <summary>What becomes of mail and sign-in, in a sentence.</summary>
    public required string Consequence { get; init; }
}

/// <summary>What people look up: the guide's codes, Entra's numbers, replies of servers, error words, problems by their key, and words.</summary>
public static partial class Explanations
{
    /// <summary>At most so many are shown; more means that the question is too wide.</summary>
    public const int Most = 40;

    /// <summary>Shorter texts of rules, such as “loop”, tell something only together with a reply's code.</summary>
    private const int TellingText = 12;

    /// <summary>The guide's three codes and what each says.</summary>
    public static IReadOnlyDictionary<int, string> GuideCodes { get; } = new Dictionary<int, string>
    {
        [360] = "No connection to the email service.",
        [361] = "The connection to the email service has expired.",
        [370] = "Sign in to the email service again.",
    };

    /// <param name="question">A code, or what a server said; letter case does not matter.</param>
    /// <returns>All that fits, best first; empty when nothing is known.</returns>
    public static IReadOnlyList<Explanation> Find(string question)
    {
        var asked = question.Trim();
        if (asked.Length == 0) return [];
        if (Catalogue.Find(asked.ToLowerInvariant()) is { } named) return [Of(named)];
        if (GuideCodeOf(asked) is { } code) return [.. OfGuideCode(code)];
        List<Explanation> known = [.. ByNumber(asked), .. ByReply(asked)];
        if (known.Count == 0) known = [.. ByError(asked), .. ByGraph(asked)];
        if (known.Count == 0) known = [.. ByWords(asked)];
        return [.. known.DistinctBy(one => one.Says)];
    }

    /// <summary>The guide's code when the question is one: 361, code 361.</summary>
    public static int? GuideCodeOf(string question) =>
        GuideCode().Match(question) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : null;

    /// <summary>The problems with that code; where it is one only, its cases too.</summary>
    private static IEnumerable<Explanation> OfGuideCode(int code)
    {
        List<Problem> problems = [.. Catalogue.Problems.Where(problem => problem.Code == code)];
        var cases = problems.Count > 1 ? [] : Catalogue.Entries.Where(entry => entry.HasOwnWords && entry.Problem == problems[0]);
        return problems.Select(Of).Concat(cases.Select(Of));
    }

    private static IEnumerable<Explanation> ByNumber(string asked)
    {
        var alone = BareNumber().Match(asked);
        var numbers = alone.Success && int.TryParse(alone.Value, CultureInfo.InvariantCulture, out var number) ? [number] : Catalogue.NumbersIn(asked);
        return numbers.Select(Catalogue.OfNumber).OfType<EntraEntry>().Select(Of);
    }

    private static IEnumerable<Explanation> ByReply(string asked)
    {
        var said = ReplyWords.Of(asked);
        if (said.Code < 300 && said.Enhanced.Length == 0) return [];
        if (CodesOnly().IsMatch(asked))
        {
            var about = Catalogue.Replies.Where(rule => !rule.IsAnyReply && rule.IsAbout(said)).ToList();
            if (about.Count > 0) return about.Select(Of);
        }
        var rule = said.Code >= 300 ? Catalogue.OfReply(said) : Catalogue.Replies.FirstOrDefault(one => one.Enhanced != "*" && one.Fits(said));
        return rule is null ? [] : [Of(rule)];
    }

    private static IEnumerable<Explanation> ByError(string asked) =>
        Catalogue.Entries.Where(entry => entry is ErrorEntry or SubErrorEntry && Words(asked).Contains(entry.Says)).Select(Of);

    /// <summary>By what Graph said, as Job Status shows it; else by the code of an error alone.</summary>
    private static IEnumerable<Explanation> ByGraph(string asked)
    {
        List<GraphEntry> said = [.. Catalogue.SaidBy(asked).OfType<GraphEntry>()];
        var words = Words(asked);
        return (said.Count > 0 ? said : Catalogue.Entries.OfType<GraphEntry>().Where(entry => entry.Word == "*"
            ? entry.Says.Equals(asked, StringComparison.OrdinalIgnoreCase) : words.Contains(entry.Word.ToLowerInvariant()))).Select(Of);
    }

    private static IEnumerable<Explanation> ByWords(string asked)
    {
        var byText = Catalogue.Replies.Where(rule => rule.HasTextIn(asked, TellingText)).Select(Of).ToList();
        if (byText.Count > 0) return byText;
        var words = Words(asked);
        return Catalogue.Problems.Select(Of).Concat(Catalogue.Entries.Where(entry => entry.HasOwnWords).Select(Of))
            .Where(one => words.All(word => Has(one, word)));
    }

    private static string[] Words(string asked) => asked.ToLowerInvariant().Split([' ', ',', ';', ':', '.', '"', '“', '”', '(', ')', '\'', '\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries);

    private static bool Has(Explanation one, string word) =>
        $"{one.Says} {one.Problem.Title} {one.Problem.Cause} {one.Problem.Remedy}".Contains(word, StringComparison.OrdinalIgnoreCase);

    private static Explanation Of(Problem problem) => new(problem.Key, problem) { Consequence = Consequence(problem) };

    private static Explanation Of(CatalogueEntry entry) => new(entry.Says, entry.Problem)
    {
        Consequence = entry switch
        {
            ReplyEntry reply => Consequence(reply.Verdict),
            GraphEntry graph => Consequence(graph.Verdict),
            ErrorEntry { Effect: SignInEffect.Pending } => "The gateway goes on asking until the code has run out.",
            ErrorEntry { Effect: SignInEffect.Temporary } => "The sign-in is as good as it was; the gateway asks again by itself.",
            _ => Consequence(entry.Problem),
        },
    };

    private static string Consequence(Verdict verdict) => verdict switch
    {
        Verdict.Later => "The mail stays in line and is tried again by itself.",
        Verdict.Wait => "The mail stays in line and goes out by itself in a minute or so; this is no fault.",
        Verdict.WaitHour => "The mail stays in line and goes out by itself when the day's limit allows it; this is no fault.",
        Verdict.Hold => "The account's mail is held, never lost, and goes out by itself once the cause is gone.",
        _ => "This mail is not delivered, and its device's contact is told; other mail goes on.",
    };

    private static string Consequence(Problem problem) => (problem.Scope, problem.Code) switch
    {
        (ProblemScope.Gateway, _) => "No mail is taken until it is mended; devices keep theirs.",
        (ProblemScope.Message, _) => "It concerns one mail; other mail goes on.",
        (_, null) => "The account's mail waits or is held, never lost, and goes out by itself once the cause is gone.",
        _ when problem.MayPass => "The account's mail is held, never lost; the gateway tries now and then whether the cause is gone.",
        _ => "The account's mail is held, never lost, and goes out by itself after a new sign-in.",
    };

    [GeneratedRegex(@"^\s*(?:code\s*)?(360|361|370)\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex GuideCode();

    [GeneratedRegex(@"^\d{5,9}$")]
    private static partial Regex BareNumber();

    [GeneratedRegex(@"^(?:[2-5]\d\d)?\s*(?:[245]\.\d{1,3}\.\d{1,3})?$")]
    private static partial Regex CodesOnly();
}

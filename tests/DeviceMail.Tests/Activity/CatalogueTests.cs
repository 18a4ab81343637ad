using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using DeviceMail.Activity;
using DeviceMail.Tests.House;

namespace DeviceMail.Tests.Activity;

/// <summary>The catalogue's text: complete, plain, and ours.</summary>
public sealed partial class CatalogueTests
{
    private static readonly string[] _whoActs =
    [
        "The gateway's administrator ", "An Entra administrator ", "An Exchange administrator ", "The network's administrator ", "The domain's administrator ",
        "The identity provider's administrator ", "The recipient's administrator ", "The person who signs in ", "The owner of the mailbox ", "The group's owner ",
        "The sender ", "The recipient ", "Nobody has to do anything",
    ];

    private static IEnumerable<(string Of, Problem Problem)> All =>
        Catalogue.Problems.Select(problem => (problem.Key, problem)).Concat(Catalogue.Entries.Select(entry => (entry.Says, entry.Problem)));

    [Fact]
    public void Each_line_of_the_text_is_read()
    {
        var text = File.ReadAllLines(Path.Combine(Repository.Root, "src/DeviceMail/Activity/problems.txt"));
        Assert.Equal(text.Count(line => line.StartsWith("PROBLEM ", StringComparison.Ordinal)), Catalogue.Problems.Count);
        Assert.Equal(text.Count(line => line.Length > 0 && line[0] is not ('#' or ' ')) - Catalogue.Problems.Count, Catalogue.Entries.Count);
        Assert.Equal(174, Catalogue.Entries.OfType<EntraEntry>().Count());
        Assert.InRange(Catalogue.Replies.Count, 128, 500);
    }

    [Theory]
    [InlineData("AADSTS 1 no-such-problem", "Line 1")]
    [InlineData("PROBLEM one account 370\n  title   One\n  cause   Two.", "has no remedy")]
    [InlineData("PROBLEM one account 362\n  title   One\n  cause   Two.\n  remedy  Three.", "362")]
    [InlineData("  title   Words of nothing", "Line 1")]
    [InlineData("SPAM 1 one", "begins no entry")]
    [InlineData("PROBLEM one account\n  title   One\n  title   Again", "Line 3")]
    public void A_line_that_does_not_fit_is_named(string text, string named) =>
        Assert.Contains(named, Assert.Throws<FormatException>(() => new CatalogueReader(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Nothing_is_there_twice()
    {
        Assert.Empty(Catalogue.Problems.GroupBy(problem => problem.Key).Where(group => group.Count() > 1).Select(group => group.Key));
        var entries = Catalogue.Entries.Select(entry => entry is ReplyEntry reply ? $"{reply.Reply} {reply.Enhanced} {string.Join('|', reply.Texts)}" : $"{entry.GetType().Name} {entry.Says}");
        Assert.Empty(entries.GroupBy(entry => entry).Where(group => group.Count() > 1).Select(group => group.Key));
        Assert.Empty(Catalogue.Problems.GroupBy(problem => problem.Title).Where(group => group.Count() > 1).Select(group => group.Key));
    }

    [Fact]
    public void Each_text_is_short_and_a_whole_sentence()
    {
        foreach (var (of, problem) in All)
        {
            Assert.All([problem.Title, problem.Cause, problem.Remedy], words => Assert.True(words.Length is > 3 and < 400, $"{of}: {words.Length} characters: {words}"));
            Assert.All([problem.Cause, problem.Remedy], words => Assert.True(words.EndsWith('.') && char.IsUpper(words[0]), $"{of}: {words}"));
            Assert.False(problem.Title.EndsWith('.') || !char.IsUpper(problem.Title[0]), $"{of}: {problem.Title}");
            Assert.All([problem.Title, problem.Cause, problem.Remedy], words => Assert.DoesNotMatch(Unwanted(), words));
            Assert.True(problem.Remedy.Count(c => c == '`') % 2 == 0, $"{of}: {problem.Remedy}");
        }
    }

    [Theory]
    [InlineData("AADSTS53003")]
    [InlineData("AADSTS530036")]
    public void Where_a_policy_blocks_codes_the_browser_is_named_before_an_exclusion(string number)
    {
        var remedy = All.Single(one => one.Of == number).Problem.Remedy;
        Assert.InRange(remedy.IndexOf("--browser", StringComparison.Ordinal), 0, remedy.IndexOf("excludes", StringComparison.Ordinal));
    }

    [Fact]
    public void Each_remedy_begins_with_who_acts() =>
        Assert.Empty(All.Where(one => !_whoActs.Any(who => one.Problem.Remedy.StartsWith(who, StringComparison.Ordinal))).Select(one => $"{one.Of}: {one.Problem.Remedy}"));

    [Fact]
    public void A_remedy_that_signs_in_again_says_where_and_is_marked()
    {
        foreach (var (of, problem) in All)
            Assert.True(!problem.Remedy.Contains("signs in again", StringComparison.Ordinal) || problem.SignInHelps || problem.Code is null, $"{of}: {problem.Remedy}");
    }

    [Fact]
    public void No_sentence_is_somebody_elses()
    {
        var foreign = File.ReadLines(Path.Combine(Repository.Root, "tests/DeviceMail.Tests/Activity/foreign-sentences.txt")).Where(line => line[0] != '#').ToHashSet();
        Assert.Contains(Mark("Nobody has consented to the permission for this app."), foreign);
        var copied = All.SelectMany(one => new[] { one.Problem.Title, one.Problem.Cause, one.Problem.Remedy })
            .SelectMany(text => Sentence().Split(text).Append(text)).Where(sentence => foreign.Contains(Mark(sentence)));
        Assert.Empty(copied);
    }

    [Theory]
    [InlineData(360, "not-signed-in", "not-saved", "unreachable", "code-not-used", "additional-network", "server-unreachable")]
    [InlineData(361, "expired")]
    [InlineData(370, "sign-in-again", "sign-in-refused", "sign-in-declined", "consent-missing", "blocked-by-policy", "second-factor", "not-assigned",
        "account-blocked", "wrong-account", "lost-key", "set-up-fault", "single-tenant", "request-fault", "identity-provider")]
    public void G6_4_a_code_has_the_guides_meaning_and_no_other(int code, params string[] keys)
    {
        Assert.Equal(keys.Order(), Catalogue.Problems.Where(problem => problem.Code == code).Select(problem => problem.Key).Order());
        Assert.All(Catalogue.Problems.Where(problem => problem.Code == code), problem => Assert.Equal(ProblemScope.Account, problem.Scope));
    }

    private static string Mark(string sentence) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(NotPlain().Replace(sentence.ToLowerInvariant(), ""))))[..16];

    [GeneratedRegex("[^a-z0-9]")]
    private static partial Regex NotPlain();

    [GeneratedRegex(@"(?<=[.;])\s+")]
    private static partial Regex Sentence();

    [GeneratedRegex(@"!|\{|\}|(?i:please|oops|error occurred)|  ")]
    private static partial Regex Unwanted();
}

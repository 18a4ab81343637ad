using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Devices;
using DeviceMail.Settings;
using DeviceMail.Tests.House;

namespace DeviceMail.Tests.Doctor;

/// <summary>
/// The administrator's guide says what the program does. Its tables are made from the program's own: with DEVICEMAIL_WRITE_GUIDE=1 they are written
/// anew into docs/admin-guide.md, otherwise compared.
/// </summary>
public sealed partial class AdminGuideTests
{
    private static readonly string _path = Path.Combine(Repository.Root, "docs", "admin-guide.md");

    [Fact]
    public void Every_setting_is_described() => Compare("settings", "| setting | default | may be | what it does |\n|---|---|---|---|",
        SettingsCatalogue.All.Select(one => $"| `{one.Name}` | {(one.Default.Length == 0 ? "empty" : one.Default)} | {one.Range} | {one.Help} |"));

    [Fact]
    public void Every_start_option_is_described() => Compare("start-options", "| option | variable | what it is |\n|---|---|---|",
        StartConfiguration.Known.Select(one => $"| {(one.Key.Contains('_', StringComparison.Ordinal) ? "" : $"`--{one.Key}`")} | `DEVICEMAIL_{one.Key.ToUpperInvariant()}` | {one.Value} |"));

    [Fact]
    public void Every_old_habit_is_described() => Compare("habits", "| habit | the device | |\n|---|---|---|",
        HabitWords.All.Select(one => $"| `{one.Word}` | {one.Sentence} | {(HabitWords.Printer.HasFlag(one.Habit) ? "printer" : "")} |"));

    [Fact]
    public void Every_host_and_port_of_every_provider_is_in_the_firewall_list() => Compare("firewall", "| email service | host | port | for |\n|---|---|---|---|",
        Providers.All.Where(provider => provider.Host.Length > 0).SelectMany(provider => SignInHosts(provider.OAuth)
            .Select(host => $"| {provider.Title} | {host.Host} | TCP {host.Port} | signing in, and staying signed in |")
            .Append($"| {provider.Title} | {provider.Host} | TCP {provider.Port} | handing on mail |")
            .Concat(provider.Graph.Length == 0 ? [] : [$"| {provider.Title} | {new Uri(provider.Graph).Host} | TCP 443 | handing on mail by Microsoft Graph |"])));

    [Fact]
    public void G6_4_the_codes_are_the_programs_own()
    {
        var told = CodeRow().Matches(File.ReadAllText(_path)).ToDictionary(row => int.Parse(row.Groups[1].ValueSpan, CultureInfo.InvariantCulture), row => row.Groups[2].Value.Trim());
        Assert.Equal(Explanations.GuideCodes.ToDictionary(), told);
    }

    [Fact]
    public void The_chapters_of_the_guide_for_printers_come_in_its_order()
    {
        var headings = Headings(_path);
        string[] expected = ["Introduction", "Enabling SMTP AUTH in Exchange Online", "Setting up OAuth 2.0 for the email server", "Checking the status", "Troubleshooting"];
        Assert.Equal(expected, headings.Where(expected.Contains));
    }

    [Fact]
    public void Every_command_it_types_exists()
    {
        var commands = CommandLine.Create().Subcommands.Select(command => command.Name).ToHashSet();
        Assert.All(Typed().Matches(File.ReadAllText(_path)).Select(match => match.Groups[1].Value), name => Assert.Contains(name, commands));
    }

    [Fact]
    public void Every_line_of_the_doctor_is_explained()
    {
        var source = string.Concat(Directory.GetFiles(Path.Combine(Repository.Root, "src", "DeviceMail", "Doctor"), "*.cs").Select(File.ReadAllText));
        var keys = StepKey().Matches(source).Select(match => match.Groups[1].Value).ToHashSet();
        Assert.True(keys.Count > 20, string.Join(' ', keys));
        var guide = File.ReadAllText(_path);
        Assert.All(keys, key => Assert.Matches($@"(?m)^\|.*\b{key}\b.*\|", guide));
    }

    [Theory]
    [InlineData("docs/admin-guide.md")]
    [InlineData("docs/architecture.md")]
    [InlineData("README.md")]
    [InlineData("CONTRIBUTING.md")]
    public void Every_link_leads_somewhere(string document)
    {
        var path = Path.Combine(Repository.Root, document);
        Assert.All(Links().Matches(File.ReadAllText(path)).Select(match => match.Groups[1].Value), link =>
        {
            if (link.StartsWith("https://", StringComparison.Ordinal)) return;
            var parts = link.Split('#', 2);
            var target = parts[0].Length == 0 ? path : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, parts[0]));
            Assert.True(File.Exists(target) || Directory.Exists(target), $"{document} links to {link}, which is not there.");
            if (parts.Length == 2) Assert.Contains(parts[1], Headings(target).Select(Anchor));
        });
    }

    private static IEnumerable<Uri> SignInHosts(OAuthEndpoints from) => new[] { from.Token, from.DeviceAuthorization, from.Issuer }
        .Where(address => address.Length > 0).Select(address => new Uri(address.Replace("{tenant}", "tenant", StringComparison.Ordinal))).DistinctBy(address => address.Authority);

    private static void Compare(string name, string head, IEnumerable<string> rows)
    {
        var guide = File.ReadAllText(_path);
        var (begin, end) = ($"<!-- {name}: made by AdminGuideTests -->\n", $"<!-- /{name} -->");
        var from = guide.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        var to = guide.IndexOf(end, StringComparison.Ordinal);
        Assert.True(from >= begin.Length && to >= from, $"The guide has no place for the table {name}.");
        var made = new StringBuilder().Append('\n').Append(head).Append('\n').AppendJoin('\n', rows).Append("\n\n").ToString();
        if (Environment.GetEnvironmentVariable("DEVICEMAIL_WRITE_GUIDE") == "1") File.WriteAllText(_path, guide[..from] + made + guide[to..]);
        else Assert.True(made == guide[from..to], $"The table {name} of docs/admin-guide.md is another one than the program's. Write it anew: DEVICEMAIL_WRITE_GUIDE=1 ./test --filter-class '*AdminGuideTests'");
    }

    private static IEnumerable<string> Headings(string path) => Heading().Matches(File.ReadAllText(path)).Select(match => match.Groups[1].Value.Trim());

    /// <summary>As hosts of Markdown make it: small letters, digits, hyphens for spaces.</summary>
    private static string Anchor(string heading) => string.Concat(heading.ToLowerInvariant().Where(one => char.IsLetterOrDigit(one) || one is ' ' or '-')).Replace(' ', '-');

    [GeneratedRegex(@"^#{1,4} (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Links();

    [GeneratedRegex(@"^\| (3\d\d) \|([^|]+)\|", RegexOptions.Multiline)]
    private static partial Regex CodeRow();

    [GeneratedRegex(@"(?:^|`)devicemail ([a-z-]+)", RegexOptions.Multiline)]
    private static partial Regex Typed();

    [GeneratedRegex(@"new(?: DoctorStep)?\(""([a-z-]+)"", ""[A-Z]")]
    private static partial Regex StepKey();
}

using DeviceMail.Lab.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DeviceMail.Lab.Switches;

/// <summary>The page of switches, made from the table.</summary>
public sealed class SwitchPages(LabSwitches switches)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/switches", IResult (HttpContext c) => Show(c, []));
        routes.MapPost("/switches", async Task<IResult> (HttpContext c) => Save(c, await c.Request.ReadFormAsync(c.RequestAborted)));
        routes.MapPost("/switches/reset", IResult () =>
        {
            switches.Reset();
            return Results.Redirect("/switches");
        });
    }

    /// <summary>The switches of a group, with which a form may be posted to /switches or to <see cref="Take"/>.</summary>
    internal static Html Fields(LabSwitches switches, string group)
    {
        var healthy = new LabSwitches();
        return Html.Of($"""
            <fieldset><legend>{group}</legend>{Html.Each(SwitchTable.Rows.Where(row => row.Group == group), row => Row(row, switches, healthy))}</fieldset>
            """);
    }

    /// <summary>Turns what a form shows, and returns the titles of what was not understood.</summary>
    internal static List<string> Take(LabSwitches switches, IFormCollection form)
    {
        var refused = new List<string>();
        foreach (var row in SwitchTable.Rows)
        {
            // An unticked box is missing from the form; "shown" says that the row was on the page.
            if (form[$"shown-{row.Name}"].Count == 0)
                continue;
            var value = form[row.Name].ToString();
            if (value != row.Read(switches) && !row.Write(switches, value))
                refused.Add(row.Title);
        }

        return refused;
    }

    /// <summary>Says what was not understood.</summary>
    internal static Html Notice(List<string> refused) => refused.Count == 0 ? Html.Nothing
        : Html.Of($"""<p class="notice" role="alert">Not understood and left as before: {string.Join("; ", refused)}.</p>""");

    private IResult Save(HttpContext c, IFormCollection form)
    {
        var refused = Take(switches, form);
        return refused.Count == 0 ? Results.Redirect("/switches") : Show(c, refused);
    }

    private IResult Show(HttpContext c, List<string> refused)
    {
        var groups = Html.Each(SwitchTable.Rows.Select(row => row.Group).Distinct(), group => Fields(switches, group));
        return Page.Show(c, "Switches", Html.Of($"""
            <p>What is turned away from the healthy service is shown in bold.</p>
            {Notice(refused)}
            <form method="post" action="/switches">{groups}<div class="actions"><button class="primary">Save the switches</button></div></form>
            <form method="post" action="/switches/reset"><button>Back to the healthy service</button></form>
            """));
    }

    private static Html Row(LabSwitch row, LabSwitches switches, LabSwitches healthy)
    {
        var value = row.Read(switches);
        var changed = value == row.Read(healthy) ? "field" : "field changed";
        return Html.Of($"""
            <div class="{changed}"><label for="{row.Name}">{row.Title}</label>
            <span><input type="hidden" name="shown-{row.Name}" value="1">{Control(row, value)}</span>
            <small class="hint" id="hint-{row.Name}">{row.Explanation}</small></div>
            """);
    }

    private static Html Control(LabSwitch row, string value)
    {
        var named = Html.Of($"""id="{row.Name}" name="{row.Name}" aria-describedby="hint-{row.Name}" """);
        return row.Kind switch
        {
            SwitchKind.OnOff => Html.Of($"""<input type="checkbox" {named}{Flag(value == "on" ? "checked" : "")}>"""),
            SwitchKind.Choice => Html.Of($"""<select {named}>{Html.Each(row.Choices, choice => Option(choice, value))}</select>"""),
            SwitchKind.Text => Html.Of($"""<input {named}value="{value}" autocomplete="off">"""),
            _ => Html.Of($"""<input {named}value="{value}" inputmode="numeric" autocomplete="off">"""),
        };
    }

    private static Html Option(string choice, string value) =>
        Html.Of($"""<option value="{choice}" {Flag(choice == value ? "selected" : "")}>{choice}</option>""");

    private static Html Flag(string attribute) => new(attribute);
}
